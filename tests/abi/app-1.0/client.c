/* A program of the time of callcore.h 1.0.  Frozen: it must compile with the frozen header and do the same with every later 1.x library. */
#include "callcore.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static union { cc_event first; char bytes[65536]; } space;

#define MUST(done) must((done), #done)
static void must(cc_status status, const char *what) {
  if (status == CC_OK) return;
  cc_last_error(space.bytes, sizeof space);
  fprintf(stderr, "%s: %s: %s\n", what, cc_status_name(status), space.bytes);
  exit(1);
}

/* The next event of this type; `from` is what `user` must be. */
static cc_event next(cc_queue *queue, uint16_t type, char *text, size_t cap) {
  for (;;) {
    size_t got = 0;
    /* just room for one record at a time */
    for (size_t room = 64; cc_queue_read(queue, &space, room, &got, 60000) == CC_E_SHORT; room = got) {}
    if (got == 0 || got != space.first.size) exit(2);
    if (space.first.type != type) continue;
    snprintf(text, cap, "%s", space.bytes + space.first.text_off);
    if (strlen(text) != space.first.text_len) exit(3);
    return space.first;
  }
}

int main(void) {
  const char *config = "[[device]]\nname='sim'\ndriver='sim'\nconfig={trunks=2,extensions=1,people='manual'}\n"
                       "[[trunk_group]]\nname='city'\ndevice='sim'\nchannels=[0,1]\n"
                       "[[extension]]\nnumber='1001'\nname='Anna'\ndevice='sim'\nchannel=2\n"
                       "[[agent]]\nid='anna'\nname='Anna'\nextension='1001'\nqueues=['support']\nlogin='manual'\n"
                       "[[queue]]\nname='support'\n[[route]]\ncalled='8000'\nto='application'\n";
  cc_core_params params = {sizeof params, CC_ABI, config, NULL, CC_VIRTUAL_TIME, 0};
  cc_make make = {sizeof make, 0, "extension:1001", "8001", 77};
  cc_core *core = NULL;
  cc_queue *queue = NULL;
  cc_req req = 0;
  cc_event event;
  cc_id ids[8];
  size_t need = 0;
  uint64_t now_ms = 0, next_ms = 0, t_ns = 0;
  char text[256];

  printf("abi %s\n", cc_abi() >> 16 == CC_ABI >> 16 && cc_abi() >= CC_ABI ? "fits" : "does not fit");
  if (!cc_version()[0] || !strstr(cc_abi_describe(), "\"cc_event\"")) return 4;
  MUST(cc_core_new(&params, &core));
  MUST(cc_queue_new(core, "{\"events\":[1,16,18,19,25,26,64]}", 0, &queue));
  MUST(cc_core_start(core));
  MUST(cc_sim_act(core, "sim", "channel 0 calls 8000 from 13800000000"));
  event = next(queue, CC_EV_OFFERED, text, sizeof text);
  printf("%s calls\n", text);
  MUST(cc_call_tag(core, event.call, 5));
  MUST(cc_call_answer(core, event.call, &req));
  event = next(queue, CC_EV_ANSWERED, text, sizeof text);
  printf("answered, tag %llu\n", (unsigned long long)event.user);
  MUST(cc_sim_act(core, "sim", "channel 0 digit 5"));
  next(queue, CC_EV_DIGIT, text, sizeof text);
  printf("key %s\n", text);
  MUST(cc_play(core, event.call, "[\"welcome\"]", NULL));
  next(queue, CC_EV_PLAY_DONE, text, sizeof text);
  MUST(cc_calls(core, ids, 8, &need));
  printf("%zu call\n", need);
  MUST(cc_get(core, "snapshot", space.bytes, sizeof space, &need));
  MUST(cc_agent_set(core, "anna", "login", NULL, NULL));
  printf("gone: %s\n", cc_status_name(cc_call_answer(core, event.call + 1, NULL)));
  if (cc_last_error(text, sizeof text) < 2) return 5;
  MUST(cc_call_drop(core, event.call, 17, NULL));
  event = next(queue, CC_EV_ENDED, text, sizeof text);
  printf("ended with cause %u\n", event.cause);
  MUST(cc_call_make(core, &make, &req));
  MUST(cc_sim_run(core, 100));
  MUST(cc_sim_act(core, "sim", "channel 2 answers"));
  MUST(cc_wait(core, req, 60000, &space.first, sizeof space));
  printf("made, tag %llu\n", (unsigned long long)space.first.user);
  MUST(cc_call_drop(core, space.first.call, 16, NULL));
  MUST(cc_sim_run(core, 1000));
  MUST(cc_sim_now(core, &now_ms, &next_ms));
  MUST(cc_now(core, &t_ns));
  printf("time %s\n", t_ns == now_ms * 1000000 ? "agrees" : "differs");
  MUST(cc_records(core, NULL, space.bytes, sizeof space, NULL));
  printf("record %s\n", strstr(space.bytes, "13800000000") ? "found" : "missing");
  MUST(cc_sim_digest(core, text, sizeof text, &need));
  MUST(cc_core_stop(core, 0));
  next(queue, CC_EV_STOPPED, text, sizeof text);
  cc_queue_free(queue);
  cc_core_free(core);
  printf("freed: %s\n", cc_status_name(cc_core_start(core)));
  return 0;
}
