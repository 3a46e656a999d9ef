/* A program of the time of callcore.h 1.0: keys, recordings, talks, supervision, conferences.  Frozen: it must compile with the frozen header and
 * do the same with every later 1.x library. */
#include "callcore.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static union { cc_event first; char bytes[65536]; } space;
static cc_core *core;
static cc_queue *queue;

#define MUST(done) must((done), #done)
static void must(cc_status status, const char *what) {
  if (status == CC_OK) return;
  cc_last_error(space.bytes, sizeof space);
  fprintf(stderr, "%s: %s: %s\n", what, cc_status_name(status), space.bytes);
  exit(1);
}

/* The next event of this type; others are passed over. */
static const cc_event *next(uint16_t type) {
  for (;;) {
    size_t got = 0, room = 64;
    while (cc_queue_read(queue, &space, room, &got, 60000) == CC_E_SHORT) room = got;
    if (got == 0 || got != space.first.size) {
      fprintf(stderr, "no event of type %u\n", type);
      exit(2);
    }
    if (space.first.type == type) return &space.first;
  }
}

/* A caller who was answered. */
static cc_id answered(const char *calls) {
  cc_id call;
  MUST(cc_sim_act(core, "sim", calls));
  call = next(CC_EV_OFFERED)->call;
  MUST(cc_call_answer(core, call, NULL));
  next(CC_EV_ANSWERED);
  return call;
}

static void keys_and_prompts(cc_id call) {
  cc_req req = 0;
  MUST(cc_collect(core, call, "{\"prompts\":[\"enter_number\"],\"digits_max\":4,\"terminators\":\"#\"}", NULL));
  MUST(cc_sim_act(core, "sim", "channel 0 digits 12#"));
  printf("keys %s", space.bytes + next(CC_EV_COLLECT_DONE)->text_off);
  printf(", end %u\n", space.first.end);
  MUST(cc_play(core, call, "[\"one\",\"two\"]", &req));
  MUST(cc_play_control(core, call, "\"pause\"", NULL));
  MUST(cc_play_control(core, call, "\"resume\"", NULL));
  MUST(cc_play_control(core, call, "{\"speed\":200}", NULL));
  MUST(cc_play_control(core, call, "{\"jump\":{\"by\":-1000}}", NULL));
  MUST(cc_cancel(core, req));
  printf("playing ends %u\n", next(CC_EV_PLAY_DONE)->end);
  MUST(cc_listen(core, call, CC_CALLER, "{\"voice\":{},\"progress\":true}", NULL));
  MUST(cc_listen(core, call, CC_CALLER, "{}", NULL));
}

static void recording(cc_id call) {
  cc_req req = 0;
  MUST(cc_record(core, call, "{\"who\":\"said\",\"max_ms\":5000}", &req));
  next(CC_EV_RECORD_STARTED);
  MUST(cc_record_mask(core, call, 1, NULL));
  MUST(cc_record_mask(core, call, 0, NULL));
  MUST(cc_wait(core, req, 60000, &space.first, sizeof space));
  printf("recording ends %u\n", space.first.end);
}

static void talk(cc_id one, cc_id two) {
  cc_req req = 0;
  MUST(cc_call_bridge(core, one, two, 0, &req));
  printf("they talk: %s\n", next(CC_EV_BRIDGED)->call == one && space.first.peer == two && space.first.req == req ? "yes" : "no");
  MUST(cc_call_hold(core, one, CC_OTHER, 1, NULL));
  MUST(cc_call_hold(core, one, CC_OTHER, 0, NULL));
  MUST(cc_call_mute(core, one, CC_CALLER, 1, NULL));
  MUST(cc_call_mute(core, one, CC_CALLER, 0, NULL));
  MUST(cc_call_digits(core, one, CC_CALLER, "12", NULL));
}

static void supervision(cc_id one, cc_id by) {
  cc_req req = 0;
  MUST(cc_supervise(core, one, by, CC_SUPERVISE_LISTEN, CC_OTHER, NULL));
  MUST(cc_supervise(core, one, by, CC_SUPERVISE_WHISPER, CC_OTHER, NULL));
  MUST(cc_supervise(core, one, by, CC_SUPERVISE_BARGE, CC_OTHER, &req));
  MUST(cc_cancel(core, req));
  printf("supervision ends: %s\n", next(CC_EV_SUPERVISION_ENDED)->call == by ? "yes" : "no");
  MUST(cc_call_unbridge(core, one, NULL));
  printf("parted: %s\n", next(CC_EV_UNBRIDGED)->call == one ? "yes" : "no");
}

static void conference(cc_id call) {
  MUST(cc_call_send(core, call, "conference:room", NULL));
  printf("in %s\n", space.bytes + next(CC_EV_JOINED)->text_off);
  MUST(cc_conf_role(core, call, CC_ROLE_LISTEN, NULL));
  MUST(cc_conf_role(core, call, CC_ROLE_MODERATE, NULL));
  MUST(cc_sim_act(core, "sim", "channel 0 hangs up"));
  next(CC_EV_LEFT);
  puts("and out");
}

static void taken_over(cc_id one, cc_id two) {
  char json[128];
  int32_t more = 0;
  MUST(cc_call_bridge(core, one, two, 1, NULL));
  next(CC_EV_BRIDGED);
  MUST(cc_call_transfer(core, one, "application", CC_CALLER, NULL));
  printf("transferred: the transferrer ends with %u\n", next(CC_EV_ENDED)->cause);
  snprintf(json, sizeof json, "{\"command\":\"release\",\"call\":%llu}", (unsigned long long)two);
  MUST(cc_command(core, json, NULL));
  printf("released with %u\n", next(CC_EV_ENDED)->cause);
  MUST(cc_sim_step(core, &more));
  MUST(cc_get(core, "calls", space.bytes, sizeof space, NULL));
  printf("calls %s\n", space.bytes);
}

static void intercepted(void) {
  const cc_id one = answered("channel 0 calls 8000 from 13800000000"), two = answered("channel 1 calls 8000 from 13900000000");
  const cc_id by = answered("channel 2 calls 8000 from 13700000000");
  MUST(cc_call_bridge(core, one, two, 0, NULL));
  next(CC_EV_BRIDGED);
  MUST(cc_intercept(core, one, by, CC_OTHER, NULL));
  printf("taken over: %s\n", next(CC_EV_BRIDGED)->call == one && space.first.peer == by ? "yes" : "no");
  printf("who was replaced ends: %s\n", next(CC_EV_ENDED)->call == two ? "yes" : "no");
}

static void nothing(void *user, const cc_event *event) { (void)user, (void)event; }

int main(void) {
  const char *config = "[[device]]\nname='sim'\ndriver='sim'\nconfig={trunks=3,people='manual'}\n"
                       "[[trunk_group]]\nname='city'\ndevice='sim'\nchannels=[0,2]\n"
                       "[[conference]]\nname='room'\n[[route]]\ncalled='8000'\nto='application'\n";
  const cc_core_params params = {sizeof params, CC_ABI, config, NULL, CC_VIRTUAL_TIME, 0};
  cc_tap tap = {sizeof tap, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0};
  cc_id one, two, three, id = 0;
  MUST(cc_core_new(&params, &core));
  MUST(cc_queue_new(core, NULL, 0, &queue));
  if (cc_queue_fd(queue) < 0) return 4;
  MUST(cc_core_start(core));
  one = answered("channel 0 calls 8000 from 13800000000");
  keys_and_prompts(one);
  recording(one);
  two = answered("channel 1 calls 8000 from 13900000000");
  three = answered("channel 2 calls 8000 from 13700000000");
  talk(one, two);
  supervision(one, three);
  conference(one);
  taken_over(two, three);
  intercepted();
  /* what virtual time does not have is said so */
  printf("tap: %s\n", cc_status_name(cc_tap_open(core, two, 8000, &tap, &id)));
  printf("no tap: %s\n", cc_status_name(cc_tap_close(core, 77)));
  printf("device: %s\n", cc_status_name(cc_device_add(core, "{\"name\":\"other\",\"driver\":\"sim\"}")));
  printf("no device: %s\n", cc_status_name(cc_device_remove(core, "other")));
  printf("no device: %s\n", cc_status_name(cc_device_restart(core, "other", 0)));
  printf("callback: %s\n", cc_status_name(cc_queue_callback(queue, nothing, NULL)));
  printf("prompt: %s\n", cc_status_name(cc_prompt_add(core, "beep", (const uint8_t *)"RIFF", 4)));
  MUST(cc_core_stop(core, 0));
  cc_queue_free(queue);
  cc_core_free(core);
  return 0;
}
