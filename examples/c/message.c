/* A caller hears a message and winds it by keys: 2 stands still and goes on, 1 goes back, 5 is twice as fast, 7 begins anew. In virtual time, where
 * each prompt lasts three seconds. */
#include <callcore.h>
#include <stdio.h>

/* When the caller presses what, in milliseconds after the last key. */
static const struct { uint64_t wait_ms; const char *does; } story[] = {
    {2000, "channel 0 digit 2"}, {5000, "channel 0 digit 2"}, {2000, "channel 0 digit 1"}, {2000, "channel 0 digit 5"}, {2000, "channel 0 digit 7"}};
static size_t told;

static cc_status next_of_the_story(cc_core *core) {
  if (told == sizeof story / sizeof *story) return CC_OK;
  const cc_status status = cc_sim_run(core, story[told].wait_ms);
  return status ? status : cc_sim_act(core, "sim", story[told++].does);
}

/* What a key does; `user`, the call's own number, is 1 while the message stands still. */
static cc_status on_key(cc_core *core, const cc_event *event, char key) {
  const char *control = "{\"jump\":{\"to\":0}}";
  if (key == '1') control = "{\"jump\":{\"by\":-3000}}";
  if (key == '5') control = "{\"speed\":200}";
  if (key == '2') {
    control = event->user ? "\"resume\"" : "\"pause\"";
    cc_call_tag(core, event->call, !event->user);
  }
  printf("%2llu s  %s\n", (unsigned long long)(event->t_ns / 1000000000), control);
  const cc_status status = cc_play_control(core, event->call, control, NULL);
  return status ? status : next_of_the_story(core);
}

static cc_status on_event(cc_core *core, const cc_event *event) {
  cc_status status;
  switch (event->type) {
    case CC_EV_OFFERED: return cc_call_answer(core, event->call, NULL);
    case CC_EV_ANSWERED:
      status = cc_play(core, event->call, "[\"one\",\"two\",\"three\",\"four\"]", NULL);
      return status ? status : next_of_the_story(core);
    case CC_EV_DIGIT: return on_key(core, event, *((const char *)event + event->text_off));
    case CC_EV_PLAY_DONE: printf("%2llu s  the end\n", (unsigned long long)(event->t_ns / 1000000000)); return cc_call_drop(core, event->call, 16, NULL);
    default: return CC_OK;
  }
}

int main(void) {
  const cc_core_params params = {sizeof params, CC_ABI, NULL, NULL, CC_VIRTUAL_TIME, 0};
  union { cc_event first; char bytes[8192]; } read;
  cc_core *core = NULL;
  cc_queue *queue = NULL;
  size_t got = 0;
  int failed = cc_core_new(&params, &core) || cc_queue_new(core, NULL, 0, &queue) || cc_core_start(core) || cc_sim_act(core, "sim", "channel 0 calls 8000 from 13800000000");
  while (!failed && cc_queue_read(queue, &read, sizeof read, &got, 10000) == CC_OK)
    for (size_t at = 0; at < got && !failed; at += ((cc_event *)(read.bytes + at))->size)
      failed = on_event(core, (cc_event *)(read.bytes + at));
  if (failed) fprintf(stderr, "message: %s\n", (cc_last_error(read.bytes, sizeof read), read.bytes));
  cc_queue_free(queue);
  cc_core_free(core);
  return failed;
}
