/* Listens to a caller: says so when somebody talks, and hangs up when nobody has talked for a second. In real time, with a simulated person who
 * says nothing. The same function hears tones of the network, fax machines, and whether a person or a machine has answered. */
#include <callcore.h>
#include <stdio.h>
#include <string.h>

static cc_status on_heard(cc_core *core, const cc_event *event, const char *json) {
  if (strstr(json, "\"voice_began\"")) return puts("somebody talks"), CC_OK;
  if (strstr(json, "\"silence_began\"")) return puts("nobody talks"), cc_call_drop(core, event->call, 16, NULL);
  return CC_OK;
}

static cc_status on_event(cc_core *core, const cc_event *event) {
  switch (event->type) {
    case CC_EV_OFFERED: return cc_call_answer(core, event->call, NULL);
    case CC_EV_ANSWERED: return puts("answered"), cc_listen(core, event->call, CC_CALLER, "{\"voice\":{\"silence_ms\":1000}}", NULL);
    case CC_EV_HEARD: return on_heard(core, event, (const char *)event + event->json_off);
    case CC_EV_ENDED: return puts("the call has ended"), cc_core_stop(core, 0);
    default: return CC_OK;
  }
}

int main(void) {
  const cc_core_params params = {sizeof params, CC_ABI, NULL, NULL, 0, 0};
  union { cc_event first; char bytes[8192]; } read;
  cc_core *core = NULL;
  cc_queue *queue = NULL;
  size_t got = 0;
  int failed = cc_core_new(&params, &core) || cc_queue_new(core, NULL, 0, &queue) || cc_core_start(core) || cc_sim_act(core, "sim", "channel 0 calls 8000 from 13800000000");
  while (!failed && cc_queue_read(queue, &read, sizeof read, &got, -1) == CC_OK)
    for (size_t at = 0; at < got && !failed; at += ((cc_event *)(read.bytes + at))->size)
      failed = on_event(core, (cc_event *)(read.bytes + at));
  if (failed) fprintf(stderr, "listen: %s\n", (cc_last_error(read.bytes, sizeof read), read.bytes));
  cc_queue_free(queue);
  cc_core_free(core);
  return failed;
}
