/* callcore.h - telephony as a library.  ABI 1.0
 *
 * Made by cbindgen from callcore-ffi; do not change it by hand.
 *
 *     cc_core_new, cc_queue_new, cc_core_start          a centre from a configuration, and a queue of its events
 *     poll(cc_queue_fd), cc_queue_read                  records, walked by size; nothing to free
 *     cc_call_answer, cc_play, cc_collect, cc_call_send commands: accepted or refused at once, completed once by CC_EV_DONE
 *     cc_core_stop, cc_core_free
 *
 * With CC_VIRTUAL_TIME the same program runs a simulated centre, as fast as the machine can.
 *
 * Two kinds of opaque pointers and 64-bit ids, all looked up and never followed: a stale one is CC_E_GONE.  All functions are thread-safe, none
 * needs a thread to be registered, none blocks unless it says so, none calls back unless cc_queue_callback asked for it.
 * Structs begin with their size: put sizeof into it.  Texts are UTF-8 with a NUL.  A failed function leaves its words for cc_last_error.
 */

#ifndef CALLCORE_H
#define CALLCORE_H

#include <stddef.h>
#include <stdint.h>
#if defined(_WIN32)
#  define CC_CALL __cdecl
#else
// The calling convention of a `cc_event_fn`: the platform's own.
#  define CC_CALL
#endif

// A telephone exchange: its lines, calls, queues and agents. Made by `cc_core_new`, freed by `cc_core_free`; never followed, only looked up.
typedef struct cc_core cc_core;

// Events of a core that wait to be read. Made by `cc_queue_new`, freed by `cc_queue_free`; never followed, only looked up.
typedef struct cc_queue cc_queue;

// It is done, or accepted.
#define CC_OK 0

// An argument is wrong in itself: NULL, out of range, not understood.
#define CC_E_ARG -1

// Right in itself, but not in this state.
#define CC_E_STATE -2

// This kind of line, or this build, cannot do it.
#define CC_E_UNSUPPORTED -3

// In use by another.
#define CC_E_BUSY -4

// No such thing, or no longer: a call that has ended, a core that was freed.
#define CC_E_GONE -6

// No memory.
#define CC_E_NOMEM -7

// A file, a socket or a device failed.
#define CC_E_IO -8

// It took longer than the caller wanted to wait.
#define CC_E_TIMEOUT -9

// A limit is reached: try again later.
#define CC_E_FULL -10

// There is nothing to read.
#define CC_E_EMPTY -11

// The library does not speak the version that the program was written for.
#define CC_E_VERSION -12

// The configuration is wrong; the text names each mistake with its line.
#define CC_E_CONFIG -13

// The buffer is too small; the size that is needed was written.
#define CC_E_SHORT -17

// Not from inside a callback.
#define CC_E_REENTRANT -18

// Not in a process that was forked from the one that made the core.
#define CC_E_FORKED -19

// A text is not UTF-8.
#define CC_E_UTF8 -20

// The library has found a fault of its own in this call. The core goes on as far as it can.
#define CC_E_PANIC -98

// The library has found a fault of its own.
#define CC_E_INTERNAL -99

// The version of the contract that this header is: major in the upper half, minor in the lower.
#define CC_ABI 65536

// In `cc_core_params.flags`: the centre runs in virtual time, with simulated lines and people. Time stands still until a function
// that waits lets it go on: `cc_sim_run`, `cc_queue_read`, `cc_wait`.
#define CC_VIRTUAL_TIME 1

// A command is complete, or has failed (`status`). `call`: the call it made.
#define CC_EV_DONE 1

// Events were lost: the queue was full. The text is how many; `cc_get` tells what there is now.
#define CC_EV_LOST 2

// The core has stopped; nothing follows.
#define CC_EV_STOPPED 3

// A call is the program's: answer it, send it on, or drop it. Text: who calls.
#define CC_EV_OFFERED 16

// More is known of who calls. Text: who calls.
#define CC_EV_INFO 17

// A call that the program made or holds was answered.
#define CC_EV_ANSWERED 18

// A key was pressed. Text: the key.
#define CC_EV_DIGIT 19

// Something was heard that the program listens for. JSON: what, from whom.
#define CC_EV_HEARD 20

// Nobody has spoken for long.
#define CC_EV_LONG_SILENCE 21

// A party of a conference begins to speak, or stops. Text: "1" or "0".
#define CC_EV_SPEAKING 22

// A call is in a conference. Text: which.
#define CC_EV_JOINED 23

// And no more. Text: which.
#define CC_EV_LEFT 24

// A call went where it was sent, and is no longer the program's.
#define CC_EV_SENT 25

// A call that the program made or was offered is over. `cause`.
#define CC_EV_ENDED 26

// Two calls talk to each other. `peer`: the other.
#define CC_EV_BRIDGED 27

// They no longer do.
#define CC_EV_UNBRIDGED 28

// Two lines that cannot tell a hang-up are parted soon. Text: in how many milliseconds.
#define CC_EV_PARTING 29

// A supervisor's call takes part in no talk any more, and is the program's again.
#define CC_EV_SUPERVISION_ENDED 30

// A call that the program makes has begun; `req`: its `cc_call_make`. The first event of such a call; from here on it can be tagged and dropped.
#define CC_EV_ORIGINATED 31

// Prompts are over. `end`.
#define CC_EV_PLAY_DONE 64

// Digits are collected. Text: the digits. `end`.
#define CC_EV_COLLECT_DONE 65

// A recording has begun. Text: its path.
#define CC_EV_RECORD_STARTED 66

// A recording's file is closed. Text: its path.
#define CC_EV_RECORD_DONE 67

// What an analogue line measures has changed. JSON: the channel, voltage and current.
#define CC_EV_LINE 96

// An entry of the ledger, for queues that ask for "facts". Text: its name. JSON: the entry.
#define CC_EV_FACT 112

// It came to its own end.
#define CC_END_COMPLETE 0

// The program stopped it.
#define CC_END_STOPPED 1

// The call ended.
#define CC_END_CALL 2

// A digit that ends the collection was pressed; it is not in the text.
#define CC_END_TERMINATOR 3

// No digit came.
#define CC_END_FIRST_DIGIT 4

// No further digit came.
#define CC_END_INTER_DIGIT 5

// A key was pressed that stops it.
#define CC_END_KEY 6

// It failed: a prompt is missing, a file cannot be written.
#define CC_END_FAILED 7

// Nobody has spoken for long.
#define CC_END_SILENCE 8

// Who of two parties.
#define CC_CALLER 0

// See `CC_CALLER`: the agent or called party.
#define CC_OTHER 1

// A party of a conference talks.
#define CC_ROLE_TALK 0

// It only listens.
#define CC_ROLE_LISTEN 1

// It talks, and is heard even where a large room leaves others out.
#define CC_ROLE_MODERATE 2

// A supervisor hears both parties, and is heard by none.
#define CC_SUPERVISE_LISTEN 0

// Hears both, and is heard by one.
#define CC_SUPERVISE_WHISPER 1

// Talks with both.
#define CC_SUPERVISE_BARGE 2

// 0, or below 0 one of `CC_E_*`.
typedef int32_t cc_status;

// Names an accepted command; the events that come of it carry it. 0 is none.
typedef uint64_t cc_req;

// A call out.
typedef struct {
  // `sizeof(cc_make)`.
  uint32_t size;
  // 0.
  uint32_t flags;
  // Whom: `"extension:1001"` or `"number:02087000000"`.
  const char *to;
  // The number to show; NULL: none.
  const char *calling;
  // Comes back in every event of the call, from the first, `CC_EV_ORIGINATED`, on.
  uint64_t user;
} cc_make;

// Names anything: `kind(8) | generation(24) | index(32)`. One that is stale is `CC_E_GONE`, never somebody else's; 0 is none.
typedef uint64_t cc_id;

// What a core is made from.
typedef struct {
  // `sizeof(cc_core_params)`.
  uint32_t size;
  // `CC_ABI`: the version that the program was written for.
  uint32_t abi;
  // The configuration as text, TOML or JSON: what `callcore-server` takes. Or NULL, and `path` names a file.
  const char *config;
  // A file with the configuration, or NULL. Both NULL: a small simulated centre.
  const char *path;
  // `CC_VIRTUAL_TIME`, or 0.
  uint32_t flags;
  // 0.
  uint32_t reserved;
} cc_core_params;

// Something that happened. In a queue it is followed by its text and its JSON; `size` leads to the next.
typedef struct {
  // Bytes of the whole record, a multiple of 8.
  uint32_t size;
  // `CC_EV_*`.
  uint16_t type;
  // 0.
  uint16_t flags;
  // When, in nanoseconds of the core's clock.
  uint64_t t_ns;
  // Number in this queue, from 1; a gap is announced by `CC_EV_LOST`.
  uint64_t seq;
  // The call, or 0.
  cc_id call;
  // Another thing that it is about: the other call of a bridge, or 0.
  cc_id peer;
  // The command that it comes of, or 0.
  cc_req req;
  // The tag that was given to the call by `cc_make.user` or `cc_call_tag`.
  uint64_t user;
  // 0, or why a command failed after it was accepted: `CC_E_*`.
  cc_status status;
  // Q.850 cause, 1 to 127; 0: none.
  uint16_t cause;
  // How something ended, `CC_END_*`.
  uint16_t end;
  // Where the short text begins inside this record, and its bytes without the NUL that ends it: a number, digits, a name, a path.
  uint32_t text_off;
  // See `text_off`.
  uint32_t text_len;
  // Where the JSON begins inside this record, and its bytes without the NUL that ends it: everything that is known.
  uint32_t json_off;
  // See `json_off`.
  uint32_t json_len;
} cc_event;

// Gets each record, for as long as it runs.
typedef void (*cc_event_fn)(void *user, const cc_event *event);

// A program's own audio, connected to a call: two rings of 16-bit samples in shared memory, one each way. Positions count samples since
// the beginning and only grow; sample number n is at index n modulo `samples`.
typedef struct {
  // `sizeof(cc_tap)`.
  uint32_t size;
  // Samples a second.
  uint32_t rate;
  // Samples of each ring, a power of two.
  uint32_t samples;
  // 0.
  uint32_t reserved;
  // What the caller says: `samples` 16-bit samples. Read up to `*heard_end`, from `*heard_begin` which is yours to move.
  const int16_t *heard;
  // See `heard`. Written by the library.
  const uint64_t *heard_end;
  // See `heard`. Written by the program.
  uint64_t *heard_begin;
  // What the caller is to hear. Write up to `samples` beyond `*said_begin`, then move `*said_end`.
  int16_t *said;
  // See `said`. Written by the program.
  uint64_t *said_end;
  // See `said`. Written by the library.
  const uint64_t *said_begin;
  // The memory of all this, from its beginning.
  void *memory;
  // Its bytes.
  uint64_t bytes;
  // An eventfd that becomes readable every 20 ms while the rings move; read 8 bytes of it. Do not close it.
  int64_t wake_fd;
} cc_tap;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// An agent's state: `"login"`, `"logout"`, `"ready"`, or `"not_ready"` with a reason, which is NULL else.
//
// Threads: any. Blocks: no. Ownership: the texts are borrowed. Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_GONE` (no such agent), `CC_E_STATE` (not from the state it is in).
//
// Pointers: The texts are NULL or NUL-terminated; `req` is NULL or can be written.
cc_status cc_agent_set(cc_core *core,
                       const char *agent,
                       const char *state,
                       const char *reason,
                       cc_req *req);

// Calls out. `CC_EV_ORIGINATED` tells the call's id at once. `CC_EV_DONE` comes when it is answered, and has the call; with `status` when it is not. Until then the command can be cancelled.
//
// Threads: any. Blocks: no. Ownership: `make` is borrowed.
// Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_BUSY` (no line or phone is free), `CC_E_FULL`, `CC_E_STATE`, `CC_E_GONE`.
//
// Pointers: `make` is NULL or as long as its `size`, with strings that are NUL-terminated; `req` is NULL or can be written.
cc_status cc_call_make(cc_core *core,
                       const cc_make *make,
                       cc_req *req);

// Answers a call that was offered; `CC_EV_ANSWERED` follows.
//
// Threads: any. Blocks: no. Ownership: none.
// Errors: `CC_E_ARG` (not a call's id), `CC_E_STATE` (answered already, or not the program's), `CC_E_GONE`.
//
// Pointers: `req` is NULL or can be written.
cc_status cc_call_answer(cc_core *core, cc_id call, cc_req *req);

// Ends a call, whoever has it, with a Q.850 cause of 1 to 127; 16 is normal, 17 busy, 21 rejected.
//
// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG`, `CC_E_STATE` (it is ending), `CC_E_GONE`.
//
// Pointers: `req` is NULL or can be written.
cc_status cc_call_drop(cc_core *core, cc_id call, uint16_t cause, cc_req *req);

// Sends a call on: `"flow:main"`, `"queue:support"`, `"extension:1001"`, `"number:0208"`, `"conference:room"`, `"hangup:17"`. It is then no longer the program's.
//
// Threads: any. Blocks: no. Ownership: `to` is borrowed.
// Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_GONE` (no such call or place), `CC_E_STATE` (not the program's).
//
// Pointers: `to` is NULL or NUL-terminated; `req` is NULL or can be written.
cc_status cc_call_send(cc_core *core,
                       cc_id call,
                       const char *to,
                       cc_req *req);

// One party of a talk (`CC_CALLER`, `CC_OTHER`) holds the other, who hears the hold music, or takes it back.
//
// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG`, `CC_E_STATE` (nobody talks, or the other party holds), `CC_E_GONE`.
//
// Pointers: `req` is NULL or can be written.
cc_status cc_call_hold(cc_core *core, cc_id call, uint32_t by, int32_t on, cc_req *req);

// A party of a talk or of a conference is not heard, nor recorded, or is again.
//
// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG`, `CC_E_STATE` (no such party), `CC_E_GONE`.
//
// Pointers: `req` is NULL or can be written.
cc_status cc_call_mute(cc_core *core, cc_id call, uint32_t party, int32_t on, cc_req *req);

// Presses keys (`0-9 * # A-D`, at most 64) towards a party of a call: through the board where it can, else as tones.
//
// Threads: any. Blocks: no. Ownership: `digits` is borrowed. Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_STATE` (that party has not answered), `CC_E_GONE`.
//
// Pointers: `digits` is NULL or NUL-terminated; `req` is NULL or can be written.
cc_status cc_call_digits(cc_core *core,
                         cc_id call,
                         uint32_t party,
                         const char *digits,
                         cc_req *req);

// Gives a call that lives a number of the program's own, which comes back as `user` in all its events; 0 takes it away. One that the program makes
// has it from the beginning by `cc_make.user`.
//
// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG` (not a call's id), `CC_E_STATE`, `CC_E_GONE` (no such call, or it is over).
cc_status cc_call_tag(cc_core *core, cc_id call, uint64_t user);

// A core from a configuration, with every mistake of it in `cc_last_error`, each with its line. Nothing runs yet.
//
// Threads: any. Blocks: no. Ownership: the core is the program's until `cc_core_free`; `params` is borrowed.
// Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_VERSION` (the program was written for a later version), `CC_E_CONFIG`, `CC_E_FULL` (4096 cores).
//
// Pointers: `params` is NULL or as long as its `size`, with strings that are NUL-terminated; `out` is NULL or can be written.
cc_status cc_core_new(const cc_core_params *params, cc_core **out);

// Starts threads, opens devices, begins to take calls. Make queues first, so that nothing is missed.
//
// Threads: any. Blocks: while devices are opened. Ownership: none.
// Errors: `CC_E_STATE` (started before), `CC_E_CONFIG` (it does not fit the machine or its devices), `CC_E_IO`, `CC_E_GONE`.
cc_status cc_core_start(cc_core *core);

// Waits up to `grace_ms` for calls to end by themselves, ends the others, writes everything down, stops all threads. Queues get
// `CC_EV_STOPPED` and can still be read. A core cannot be started again.
//
// Threads: any, but not from inside a callback. Blocks: `grace_ms` and some seconds. Ownership: none.
// Errors: `CC_E_REENTRANT`, `CC_E_BUSY` (another thread does it), `CC_E_IO` (something could not be written), `CC_E_GONE`. Stopping twice is no error.
cc_status cc_core_stop(cc_core *core,
                       uint32_t grace_ms);

// Stops the core if it runs, without waiting for calls, and frees it. Its queues stay until they are freed.
//
// Threads: any, but not from inside a callback, where nothing happens. Blocks: some seconds if it runs. Ownership: the pointer is dead. Errors: none; one
// that is not there is left alone.
void cc_core_free(cc_core *core);

// JSON with the size and the offsets of every struct and the value of every constant of the header.
//
// Threads: any, also after a fork. Blocks: no. Ownership: the text is static. Errors: none.
const char *cc_abi_describe(void);

// Opens another device while the others go on. `device` is JSON: `{"name":"board","driver":"/usr/lib/callcore/drivers/board.so","config":{}}`; the driver may be
// `sip`, `sim`, an installed one's name, or a library's path.
//
// Threads: any. Blocks: while it is opened. Ownership: `device` is borrowed.
// Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_BUSY` (the name is taken), `CC_E_CONFIG`, `CC_E_STATE`, `CC_E_GONE`, `CC_E_UNSUPPORTED` (virtual time); the text has the driver's words.
//
// Pointers: `device` is NULL or NUL-terminated.
cc_status cc_device_add(cc_core *core,
                        const char *device);

// Closes a device; calls on it end with cause 27. It can be added again.
//
// Threads: any. Blocks: while it is closed. Ownership: `name` is borrowed. Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_GONE`, `CC_E_STATE`, `CC_E_UNSUPPORTED`.
//
// Pointers: `name` is NULL or NUL-terminated.
cc_status cc_device_remove(cc_core *core,
                           const char *name);

// Takes a device out of service, waits up to `patience_ms` until its calls are over, closes it and opens it anew: to change a board while the others go on.
//
// Threads: any. Blocks: up to `patience_ms` and while it is opened. Ownership: `name` is borrowed. Errors: as for `cc_device_remove`, and why it cannot be opened.
//
// Pointers: `name` is NULL or NUL-terminated.
cc_status cc_device_restart(cc_core *core,
                            const char *name,
                            uint32_t patience_ms);

// Joins two calls that the program has, both answered: they talk. `CC_EV_UNBRIDGED` tells the end; then the program has both again, or whichever is left.
// `ends_together`: 1, and who is left is released with the other.
//
// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG`, `CC_E_STATE` (one is not answered, or not the program's), `CC_E_GONE`.
//
// Pointers: `req` is NULL or can be written.
cc_status cc_call_bridge(cc_core *core,
                         cc_id call,
                         cc_id with,
                         int32_t ends_together,
                         cc_req *req);

// Parts two calls that were joined; the program has both again.
//
// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG`, `CC_E_STATE` (it is not joined), `CC_E_GONE`.
//
// Pointers: `req` is NULL or can be written.
cc_status cc_call_unbridge(cc_core *core, cc_id call, cc_req *req);

// One party of a talk (`by`: `CC_CALLER` or `CC_OTHER`) leaves, and the other goes where `to` says: `"queue:support"`, `"extension:1001"`, `"application"`. An attended transfer is
// `cc_call_make` and `cc_call_bridge`.
//
// Threads: any. Blocks: no. Ownership: `to` is borrowed. Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_STATE` (nobody talks), `CC_E_GONE`.
//
// Pointers: `to` is NULL or NUL-terminated; `req` is NULL or can be written.
cc_status cc_call_transfer(cc_core *core,
                           cc_id call,
                           const char *to,
                           uint32_t by,
                           cc_req *req);

// A party of a conference talks (`CC_ROLE_TALK`), only listens (`CC_ROLE_LISTEN`), or moderates (`CC_ROLE_MODERATE`). A call joins by `cc_call_send` to `"conference:NAME"`.
//
// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG`, `CC_E_STATE` (in no conference), `CC_E_GONE`.
//
// Pointers: `req` is NULL or can be written.
cc_status cc_conf_role(cc_core *core,
                       cc_id call,
                       uint32_t role,
                       cc_req *req);

// A call that the program has (`by`, a supervisor's) takes part in a talk: it listens, whispers to one party (`CC_CALLER`, `CC_OTHER`), or talks with both.
// Ends by `cc_cancel` of the command, or with the talk.
//
// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG`, `CC_E_STATE` (nobody talks, or `by` is not the program's), `CC_E_BUSY` (supervised by another), `CC_E_GONE`.
//
// Pointers: `req` is NULL or can be written.
cc_status cc_supervise(cc_core *core,
                       cc_id call,
                       cc_id by,
                       uint32_t how,
                       uint32_t party,
                       cc_req *req);

// A call that the program has (`by`) takes the place of a party of a talk, who is released.
//
// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG`, `CC_E_STATE`, `CC_E_GONE`.
//
// Pointers: `req` is NULL or can be written.
cc_status cc_intercept(cc_core *core, cc_id call, cc_id by, uint32_t party, cc_req *req);

// What there is now, as JSON: `"snapshot"` (devices, calls, queues, agents), `"queues"`, `"agents"`, `"calls"`, `"devices"`, `"stats"` (what has been counted),
// `"prompts"`.
//
// Threads: any. Blocks: for a moment. Ownership: a copy. Errors: `CC_E_ARG` (no such thing), `CC_E_SHORT` (`*need` bytes are needed), `CC_E_STATE`, `CC_E_GONE`, `CC_E_UNSUPPORTED`.
//
// Pointers: `what` is NULL or NUL-terminated; `json` has `cap` bytes; `need` is NULL or can be written.
cc_status cc_get(cc_core *core,
                 const char *what,
                 char *json,
                 size_t cap,
                 size_t *need);

// The records of finished calls, the newest first, as a JSON array. `query` is JSON, or NULL for all: `since`, `until` (milliseconds since 1970),
// `calling`, `called`, `agent`, `queue`, `call`, `limit`. A call is in it some 50 ms after its end.
//
// Threads: any. Blocks: while the database is read. Ownership: a copy. Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_SHORT`, `CC_E_IO`, `CC_E_STATE`, `CC_E_GONE`.
//
// Pointers: `query` is NULL or NUL-terminated; `json` has `cap` bytes; `need` is NULL or can be written.
cc_status cc_records(cc_core *core,
                     const char *query,
                     char *json,
                     size_t cap,
                     size_t *need);

// The ids of the calls that live, the oldest first. `*need` is how many there are.
//
// Threads: any. Blocks: for a moment. Ownership: a copy. Errors: `CC_E_SHORT` (there are more than `cap`; the first `cap` were written), `CC_E_STATE`, `CC_E_GONE`.
//
// Pointers: `ids` is NULL or has room for `cap`; `need` is NULL or can be written.
cc_status cc_calls(cc_core *core,
                   cc_id *ids,
                   size_t cap,
                   size_t *need);

// Adds a prompt, or a new version of one: the bytes of a WAV file (or AIFF, FLAC, Ogg Vorbis, MP3). New calls hear it at once. `name` may have a language: `"de/welcome"`.
//
// Threads: any. Blocks: while it is converted and written. Ownership: `bytes` is borrowed.
// Errors: `CC_E_ARG` (the name, the sound), `CC_E_UTF8`, `CC_E_IO`, `CC_E_STATE`, `CC_E_GONE`, `CC_E_UNSUPPORTED` (virtual time).
//
// Pointers: `name` is NULL or NUL-terminated; `bytes` has `len` bytes.
cc_status cc_prompt_add(cc_core *core,
                        const char *name,
                        const uint8_t *bytes,
                        size_t len);

// Plays to the caller of a call that the program has: the name of a prompt, or a JSON array of names. `say:TEXT` is spoken, `recording:PATH` is a
// recording, `tone:busy:3000` is a tone of the country and `silence:500` a pause, both of so many milliseconds. `CC_EV_PLAY_DONE` tells the end.
//
// Threads: any. Blocks: no. Ownership: `prompts` is borrowed. Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_STATE` (not answered, not the program's), `CC_E_GONE`.
//
// Pointers: `prompts` is NULL or NUL-terminated; `req` is NULL or can be written.
cc_status cc_play(cc_core *core,
                  cc_id call,
                  const char *prompts,
                  cc_req *req);

// Pauses, winds or speeds up what the caller of a call hears of prompts, as JSON: `"\"pause\""`, `"\"resume\""`, `{"speed":150}` (50 to 300 per cent, the pitch stays),
// `{"jump":{"to":0}}` (milliseconds of sound from the beginning; 0 repeats), `{"jump":{"by":-5000}}` (milliseconds forward, or back if negative).
//
// Threads: any. Blocks: no. Ownership: `control` is borrowed. Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_STATE` (nothing plays), `CC_E_GONE`.
//
// Pointers: `control` is NULL or NUL-terminated; `req` is NULL or can be written.
cc_status cc_play_control(cc_core *core,
                          cc_id call,
                          const char *control,
                          cc_req *req);

// Collects digits from the caller of a call that the program has. `options` is JSON, each member may be left out: `prompts` (names, played first), `barge_in` (true),
// `flush` (false: digits pressed before count), `digits_min` (0), `digits_max` (32, the most), `terminators` ("#"), `first_digit_ms` (5000), `inter_digit_ms` (3000); NULL: all as said.
// `CC_EV_COLLECT_DONE` tells the digits and the end.
//
// Threads: any. Blocks: no. Ownership: `options` is borrowed. Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_STATE` (not answered, not the program's, collecting already), `CC_E_GONE`.
//
// Pointers: `options` is NULL or NUL-terminated; `req` is NULL or can be written.
cc_status cc_collect(cc_core *core,
                     cc_id call,
                     const char *options,
                     cc_req *req);

// Records a call that the program has, or a talk. `options` is JSON, each member may be left out: `name` (as in the configuration), `who` ("both", "said" by the caller,
// "heard" by the caller), `max_ms`, `silence_ms` (stop after so much), `keys` (stop at one of them); NULL: both until it is stopped. `CC_EV_RECORD_DONE` tells the file.
//
// Threads: any. Blocks: no. Ownership: `options` is borrowed. Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_STATE` (recorded already, not answered), `CC_E_GONE`, `CC_E_FULL`.
//
// Pointers: `options` is NULL or NUL-terminated; `req` is NULL or can be written.
cc_status cc_record(cc_core *core,
                    cc_id call,
                    const char *options,
                    cc_req *req);

// Records silence while something is said that must not be kept (1), or sound again (0).
//
// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG`, `CC_E_STATE` (not recorded), `CC_E_GONE`.
//
// Pointers: `req` is NULL or can be written.
cc_status cc_record_mask(cc_core *core, cc_id call, int32_t on, cc_req *req);

// Listens for sounds in what a party says, and for nothing else: JSON such as `{"voice":{},"progress":true}`; `{}` ends it. `CC_EV_HEARD` tells what is heard.
//
// Threads: any. Blocks: no. Ownership: `sounds` is borrowed. Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_GONE`.
//
// Pointers: `sounds` is NULL or NUL-terminated; `req` is NULL or can be written.
cc_status cc_listen(cc_core *core,
                    cc_id call,
                    uint32_t party,
                    const char *sounds,
                    cc_req *req);

// Ends a command before its time: what plays stops, what is collected or recorded so far is told, a call that is being made is given up, a bridge or a
// supervision ends. The command's own end comes as always.
//
// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG` (0), `CC_E_GONE` (it has ended, or there was none), `CC_E_STATE`.
cc_status cc_cancel(cc_core *core,
                    cc_req req);

// Any command as JSON, `{"command":"send","call":72057598332895232,"to":"queue:support"}`: all that a Rust program can want; the reference of
// `callcore::exchange::Command` has each.
//
// Threads: any. Blocks: no. Ownership: `command` is borrowed. Errors: `CC_E_ARG` (the words), `CC_E_UTF8`, and those of the command.
//
// Pointers: `command` is NULL or NUL-terminated; `req` is NULL or can be written.
cc_status cc_command(cc_core *core, const char *command, cc_req *req);

// A queue of the core's events. `filter` is JSON: `{"events":[16,19], "calls":[...], "facts":true}`, each to be left out; NULL: all
// events, no facts. `bytes` bounds what waits, 4 KiB to 1 GiB; 0: 1 MiB. What does not fit is lost, and said by `CC_EV_LOST`.
//
// Threads: any. Blocks: no. Ownership: the queue is the program's until `cc_queue_free`; `filter` is borrowed.
// Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_GONE` (the core), `CC_E_FULL` (4096 queues), `CC_E_NOMEM` (no descriptor).
//
// Pointers: `filter` is NULL or NUL-terminated; `out` is NULL or can be written.
cc_status cc_queue_new(cc_core *core, const char *filter, uint32_t bytes, cc_queue **out);

// A descriptor that is readable while the queue is not empty, for poll, epoll and event loops; -1 for a queue that is not there. Do
// not read or close it.
//
// Threads: any. Blocks: no. Ownership: the library's, until `cc_queue_free`. Errors: -1.
int64_t cc_queue_fd(cc_queue *queue);

// Copies as many whole records as fit into `buf`; walk them by `size`. Waits for the first up to `timeout_ms`; 0: not at all, below
// 0: for ever. In virtual time this lets the centre live on for so long, and is `CC_E_EMPTY` as soon as nothing will happen any more; so it is
// always after `CC_EV_STOPPED`.
//
// Threads: any; each record is read once. Blocks: up to `timeout_ms`. Ownership: copies.
// Errors: `CC_E_EMPTY`, `CC_E_SHORT` (not even the first fits; `*got` is its size), `CC_E_ARG`, `CC_E_GONE`, `CC_E_STATE` (it has a callback).
//
// Pointers: `buf` has `cap` bytes; `got` is NULL or can be written.
cc_status cc_queue_read(cc_queue *queue, void *buf, size_t cap, size_t *got, int32_t timeout_ms);

// Frees a queue; whoever waits in `cc_queue_read` gets `CC_E_GONE` or `CC_E_EMPTY`. Its descriptor is closed. From inside its own callback: after
// that callback no other comes.
//
// Threads: any. Blocks: until a callback that runs in another thread has returned. Ownership: the pointer is dead. Errors: none; one that is not there is left alone.
void cc_queue_free(cc_queue *queue);

// Lets a thread of the library call `fn` with each record, one at a time, in place of `cc_queue_read`. It is never the thread that moves sound or
// decides about calls: a slow callback only fills its own queue.
//
// Threads: any; `fn` runs in a thread of this queue. Blocks: no. Ownership: the record lives for the call of `fn`; `user` is handed back as it is.
// Errors: `CC_E_ARG` (NULL), `CC_E_STATE` (there is one already, or the core runs in virtual time), `CC_E_GONE`, `CC_E_NOMEM` (no thread).
//
// Pointers: `fn` may be called with `user` from another thread until the queue is freed.
cc_status cc_queue_callback(cc_queue *queue, cc_event_fn fn, void *user);

// Waits for the end of a command: for `cc_play`, `cc_collect` and `cc_record` that is `CC_EV_PLAY_DONE`, `CC_EV_COLLECT_DONE` and `CC_EV_RECORD_DONE`, for `cc_call_bridge` and `cc_supervise` `CC_EV_UNBRIDGED` and `CC_EV_SUPERVISION_ENDED`, for all others
// `CC_EV_DONE`. The event is copied to `done` if it is not NULL, and is in the queues besides. In virtual time the centre lives on meanwhile.
//
// Threads: any, but not from inside a callback. Blocks: up to `timeout_ms`; below 0: for ever. Ownership: a copy.
// Errors: `CC_E_TIMEOUT` (no end yet, or it was told before), `CC_E_SHORT` (`cap`), `CC_E_REENTRANT`, `CC_E_GONE`, `CC_E_ARG`; else the command's own status.
//
// Pointers: `done` is NULL or has `cap` bytes.
cc_status cc_wait(cc_core *core,
                  cc_req req,
                  int32_t timeout_ms,
                  cc_event *done,
                  size_t cap);

// Lets the people of a simulated device do something: `"channel 0 calls 8000 from 13800000000"`, `"channel 0 digit 1"`, `"channel 0 hangs up"`. In real time, too.
//
// Threads: any. Blocks: until it is done. Ownership: the texts are borrowed.
// Errors: `CC_E_ARG` (the words), `CC_E_UTF8`, `CC_E_STATE` (not now), `CC_E_GONE` (the device), `CC_E_UNSUPPORTED` (it is no simulator).
//
// Pointers: The texts are NULL or NUL-terminated.
cc_status cc_sim_act(cc_core *core,
                     const char *device,
                     const char *line);

// Lets virtual time go on by so many milliseconds, with everything that happens in them.
//
// Threads: any. Blocks: while it computes. Ownership: none. Errors: `CC_E_STATE` (real time, not started, stopped), `CC_E_GONE`, `CC_E_INTERNAL` (a promise of callcore is broken).
cc_status cc_sim_run(cc_core *core,
                     uint64_t ms);

// Lets the next thing happen, whenever that is. `*more` is 0 when nothing ever will.
//
// Threads: any. Blocks: while it computes. Ownership: none. Errors: as for `cc_sim_run`.
//
// Pointers: `more` is NULL or can be written.
cc_status cc_sim_step(cc_core *core, int32_t *more);

// Virtual time, and that of the next thing that happens (`UINT64_MAX`: nothing), in milliseconds since the start. Either place may be NULL.
//
// Threads: any. Blocks: no. Ownership: none. Errors: as for `cc_sim_run`.
//
// Pointers: The places are NULL or can be written.
cc_status cc_sim_now(cc_core *core, uint64_t *now_ms, uint64_t *next_ms);

// The digest of everything that has happened, as hexadecimal text: equal for equal runs.
//
// Threads: any. Blocks: no. Ownership: a copy. Errors: as for `cc_sim_run`; `CC_E_SHORT` (`*need`).
//
// Pointers: `buf` has `cap` bytes; `need` is NULL or can be written.
cc_status cc_sim_digest(cc_core *core, char *buf, size_t cap, size_t *need);

// Nanoseconds of the core's clock: what `cc_event.t_ns` is measured with.
//
// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_GONE`, `CC_E_ARG`.
//
// Pointers: `t_ns` is NULL or can be written.
cc_status cc_now(cc_core *core, uint64_t *t_ns);

// The name of a status, such as `"CC_E_GONE"`; `"CC_E_UNKNOWN"` for a number without a name.
//
// Threads: any, also after a fork. Blocks: no. Ownership: the text is static.
// Errors: none.
const char *cc_status_name(int32_t status);

// Connects a call that the program has to rings of samples: what the caller says comes, what the program writes the caller hears.
// `rate` is 8000, or 16000 where a board has it. Prompts are heard instead while they last.
//
// Threads: any; each ring has one reader and one writer. Blocks: no. Ownership: the memory is the library's, valid until
// `cc_tap_close` returns or the core is freed; when the core stops the rings stand still. Errors: `CC_E_ARG`, `CC_E_STATE` (not the program's call), `CC_E_GONE`, `CC_E_FULL` (64 taps), `CC_E_NOMEM`, `CC_E_UNSUPPORTED` (virtual time).
//
// Pointers: `out` is NULL or as long as its `size`; `tap` is NULL or can be written.
cc_status cc_tap_open(cc_core *core,
                      cc_id call,
                      uint32_t rate,
                      cc_tap *out,
                      cc_id *tap);

// Disconnects a tap. Its memory and its descriptor are gone when this returns.
//
// Threads: any, when no thread of the program uses the rings any more. Blocks: no. Ownership: the memory is dead. Errors: `CC_E_GONE`.
cc_status cc_tap_close(cc_core *core, cc_id tap);

// The version of the contract that this library speaks, `CC_ABI` when it was built.
//
// Threads: any, also after a fork. Blocks: no. Ownership: none. Errors: none.
uint32_t cc_abi(void);

// The version of the library, such as `"0.1.0"`.
//
// Threads: any, also after a fork. Blocks: no. Ownership: the text is static. Errors: none.
const char *cc_version(void);

// The words of this thread's last function that returned an error: what, where, and what to do. Returns their bytes with the NUL; as many as fit are written,
// and a NUL.
//
// Threads: any; each has its own. Blocks: no. Ownership: a copy. Errors: none.
//
// Pointers: `buf` is NULL or has `cap` bytes.
size_t cc_last_error(char *buf,
                     size_t cap);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* CALLCORE_H */
