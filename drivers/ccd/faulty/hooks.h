/* hooks.h - where a faulty driver differs from base.c; what it does not define is as it should be. */
#ifndef FAULT_SEQ
#define FAULT_SEQ(seq) (seq)
#endif
#ifndef FAULT_TIME
#define FAULT_TIME(t_ns) (t_ns)
#endif
#ifndef FAULT_DROP_EVENT
#define FAULT_DROP_EVENT(e) 0
#endif
#ifndef FAULT_COPIES
#define FAULT_COPIES(e) 1
#endif
#ifndef FAULT_INCOMING
#define FAULT_INCOMING(e) (void)0
#endif
#ifndef FAULT_BLOCKED_CHANGED
#define FAULT_BLOCKED_CHANGED(changed) (changed)
#endif
#ifndef FAULT_REPLAY_BLOCKED
#define FAULT_REPLAY_BLOCKED(blocked) (blocked)
#endif
#ifndef FAULT_CAUSE
#define FAULT_CAUSE(q850) (q850)
#endif
#ifndef FAULT_AFTER_RELEASED
#define FAULT_AFTER_RELEASED(b, ch, call) (void)0
#endif
#ifndef FAULT_CALL_ID
#define FAULT_CALL_ID(call) (call)
#endif
#ifndef FAULT_THREAD_END
#define FAULT_THREAD_END(b) (void)0
#endif
#ifndef FAULT_JOIN
#define FAULT_JOIN(b) pthread_join((b)->thread, NULL)
#endif
#ifndef FAULT_FREE
#define FAULT_FREE(b) free(b)
#endif
#ifndef FAULT_CHANNELS
#define FAULT_CHANNELS(n) (n)
#endif
#ifndef FAULT_CAPS
#define FAULT_CAPS(caps) (caps)
#endif
#ifndef FAULT_POOL
#define FAULT_POOL(m) (void)0
#endif
#ifndef FAULT_OFFER
#define FAULT_OFFER(offer) 0
#endif
#ifndef FAULT_STOP
#define FAULT_STOP(function) (function)
#endif
#ifndef FAULT_START
#define FAULT_START(b) (void)0
#endif
#ifndef FAULT_GIVE_UP
#define FAULT_GIVE_UP(is_due) (is_due)
#endif
#ifndef FAULT_HEARD
#define FAULT_HEARD(bit) (bit)
#endif
#ifndef FAULT_KEYS_UNSUPPORTED
#define FAULT_KEYS_UNSUPPORTED 0
#endif
#ifndef FAULT_HOW
#define FAULT_HOW(how) (how)
#endif
#ifndef FAULT_STATE
#define FAULT_STATE(is_wrong) (is_wrong)
#endif
#ifndef FAULT_DONE_REFUSED
#define FAULT_DONE_REFUSED 0
#endif
#ifndef FAULT_FULL
#define FAULT_FULL(status) ((status) == CCD_E_FULL)
#endif
#ifndef FAULT_REPLAY_STATE
#define FAULT_REPLAY_STATE(state) (state)
#endif
#ifndef FAULT_MAKE
#define FAULT_MAKE(b, ch) (void)0
#endif
#ifndef FAULT_SLOW_DROP
#define FAULT_SLOW_DROP (void)0
#endif
#ifndef FAULT_DIGIT
#define FAULT_DIGIT(digit) (digit)
#endif
#ifndef FAULT_EXCHANGE
#define FAULT_EXCHANGE(b, t) (void)0
#endif
#ifndef FAULT_IDLE
#define FAULT_IDLE(code) (code)
#endif
#ifndef FAULT_SLOT
#define FAULT_SLOT(rx, bytes, stride) (void)0
#endif
#ifndef FAULT_CONFIG_PATH
#define FAULT_CONFIG_PATH(path) (path)
#endif
#ifndef FAULT_CREATE
#define FAULT_CREATE(d) (void)0
#endif
#ifndef FAULT_DESTROY
#define FAULT_DESTROY(d) (void)0
#endif
#ifndef FAULT_LAST
#define FAULT_LAST(index) ((index) > 0)
#endif
#ifndef FAULT_UID
#define FAULT_UID(index) (index)
#endif
#ifndef FAULT_IS_UNKNOWN
#define FAULT_IS_UNKNOWN(is_unknown) (is_unknown)
#endif
#ifndef FAULT_IS_OPEN
#define FAULT_IS_OPEN(is_open) (is_open)
#endif
#ifndef FAULT_SEND_DIGITS
#define FAULT_SEND_DIGITS(function) (function)
#endif
#ifndef FAULT_TABLE
#define FAULT_TABLE(table) (table)
#endif
#ifndef FAULT_UNKNOWN_EXTENSION
#define FAULT_UNKNOWN_EXTENSION NULL
#endif
#ifndef FAULT_SCHEMA
#define FAULT_SCHEMA                                                                                                   \
  "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"                                               \
  "\"channels\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":32,\"default\":4},"                                     \
  "\"ring_every_ms\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":60000,\"default\":0},"                             \
  "\"loopback\":{\"oneOf\":[{\"type\":\"boolean\"},{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":31}}]}}}"
#endif
#ifndef FAULT_NULL
#define FAULT_NULL(is_null) (is_null)
#endif
#ifndef FAULT_NEGOTIATE
#define FAULT_NEGOTIATE (void)0
#endif
#ifndef FAULT_VERSION
#define FAULT_VERSION(is_wrong) (is_wrong)
#endif
#ifndef FAULT_ID
#define FAULT_ID "org.callcore.base"
#endif
#ifndef FAULT_SHORT
#define FAULT_SHORT(is_short) (is_short)
#endif
