/* A voice menu of the program's own, in virtual time: the program asks for a key; a wrong one is said so, 1 leads to the queue, the third mistake to a
 * goodbye. How often a caller was wrong is the call's own number: it comes back in all its events, so the program keeps no table of calls. */
#include <callcore.h>
#include <stdio.h>

/* What the callers do: the first finds the queue with the second key, the other never. */
static const char *const story[] = {
    "channel 0 calls 8000 from 13800000000", "channel 0 digit 7", "channel 0 digit 1",                       /* */
    "channel 1 calls 8000 from 13900000000", "channel 1 digit 5", "channel 1 digit 6", "channel 1 digit 9", NULL};
static size_t told;

static cc_status next_of_the_story(cc_core *core) { return story[told] ? cc_sim_act(core, "sim", story[told++]) : CC_OK; }

/* Asks for a key; who knows the menu need not hear it to its end. */
static cc_status ask(cc_core *core, cc_id call, uint64_t mistakes) {
  const char *options = mistakes ? "{\"prompts\":[\"invalid\",\"menu\"],\"digits_max\":1}" : "{\"prompts\":[\"welcome\",\"menu\"],\"digits_max\":1}";
  const cc_status status = cc_collect(core, call, options, NULL);
  return status ? status : next_of_the_story(core);
}

/* No key at all is a mistake, too. */
static cc_status on_keys(cc_core *core, const cc_event *event, const char *keys) {
  const uint64_t mistakes = event->user + 1;
  cc_status status;
  if (event->end == CC_END_CALL) return CC_OK;
  printf("  presses %s\n", keys);
  if (*keys == '1') return cc_call_send(core, event->call, "queue:support", NULL);
  status = cc_call_tag(core, event->call, mistakes);
  if (status) return status;
  return mistakes < 3 ? ask(core, event->call, mistakes) : cc_play(core, event->call, "goodbye", NULL);
}

static cc_status on_event(cc_core *core, const cc_event *event) {
  const char *text = (const char *)event + event->text_off;
  switch (event->type) {
    case CC_EV_OFFERED: printf("%s calls\n", text); return cc_call_answer(core, event->call, NULL);
    case CC_EV_ANSWERED: return ask(core, event->call, 0);
    case CC_EV_COLLECT_DONE: return on_keys(core, event, text);
    case CC_EV_PLAY_DONE: return cc_call_drop(core, event->call, 16, NULL);
    case CC_EV_SENT: puts("  waits in the queue"); return next_of_the_story(core);
    case CC_EV_ENDED: puts("  has heard goodbye"); return CC_OK;
    default: return CC_OK;
  }
}

int main(void) {
  const cc_core_params params = {sizeof params, CC_ABI, NULL, NULL, CC_VIRTUAL_TIME, 0};
  union { cc_event first; char bytes[8192]; } read;
  cc_core *core = NULL;
  cc_queue *queue = NULL;
  size_t got = 0;
  int failed = cc_core_new(&params, &core) || cc_queue_new(core, NULL, 0, &queue) || cc_core_start(core) || next_of_the_story(core);
  while (!failed && cc_queue_read(queue, &read, sizeof read, &got, 10000) == CC_OK)
    for (size_t at = 0; at < got && !failed; at += ((cc_event *)(read.bytes + at))->size)
      failed = on_event(core, (cc_event *)(read.bytes + at));
  if (failed) fprintf(stderr, "menu: %s\n", (cc_last_error(read.bytes, sizeof read), read.bytes));
  cc_queue_free(queue);
  cc_core_free(core);
  return failed;
}
