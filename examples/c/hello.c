/* A simulated caller rings, is answered, presses 1 and hears the music of a queue; nothing but this file and libcallcore is needed. */
#include <callcore.h>
#include <stdio.h>

static cc_status on_event(cc_core *core, const cc_event *event) {
  const char *text = (const char *)event + event->text_off;
  switch (event->type) {
    case CC_EV_OFFERED: return printf("%s rings\n", text), cc_call_answer(core, event->call, NULL);
    case CC_EV_ANSWERED: return puts("answered"), cc_sim_act(core, "sim", "channel 0 digit 1");
    case CC_EV_DIGIT: return printf("pressed %s\n", text), cc_call_send(core, event->call, "queue:support", NULL);
    case CC_EV_SENT: return puts("waits in the queue"), CC_OK;
    default: return CC_OK;
  }
}

int main(void) {
  const cc_core_params params = {sizeof params, CC_ABI, NULL, NULL, CC_VIRTUAL_TIME, 0};
  union { cc_event first; char bytes[8192]; } read;
  cc_core *core = NULL;
  cc_queue *queue = NULL;
  size_t got = 0;
  int failed = cc_core_new(&params, &core) || cc_queue_new(core, NULL, 0, &queue) || cc_core_start(core) ||
               cc_sim_act(core, "sim", "channel 0 calls 8000 from 13800000000");
  while (!failed && cc_queue_read(queue, &read, sizeof read, &got, 5000) == CC_OK)
    for (size_t at = 0; at < got && !failed; at += ((cc_event *)(read.bytes + at))->size)
      failed = on_event(core, (cc_event *)(read.bytes + at));
  if (failed) fprintf(stderr, "hello: %s\n", (cc_last_error(read.bytes, sizeof read), read.bytes));
  cc_queue_free(queue);
  cc_core_free(core);
  return failed;
}
