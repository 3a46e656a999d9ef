/* A caller waits in a queue until an agent logs in, whose phone rings and is answered; in virtual time. The program reads the ledger's facts:
 * everything that happens in the centre, also what needs nothing of the program. In the end it asks for the call's record. */
#include <callcore.h>
#include <stdio.h>
#include <string.h>

static int on_fact(cc_core *core, const cc_event *event) {
  const char *name = (const char *)event + event->text_off;
  static const char told[] = " arrived queued offered bridged unbridged ended ";
  if (strstr(told, name)) printf("%3llu s  %s\n", (unsigned long long)(event->t_ns / 1000000000), name);
  /* the agent comes when somebody has waited a while, and answers in three seconds; after a minute the caller knows enough */
  if (!strcmp(name, "queued")) return cc_sim_run(core, 12000) || cc_agent_set(core, "anna", "login", NULL, NULL);
  if (!strcmp(name, "leg_alerting")) return cc_sim_run(core, 3000) || cc_sim_act(core, "sim", "channel 2 answers");
  if (!strcmp(name, "bridged")) return cc_sim_run(core, 60000) || cc_sim_act(core, "sim", "channel 0 hangs up");
  return CC_OK;
}

static int on_event(cc_core *core, const cc_event *event) {
  if (event->type == CC_EV_OFFERED) return cc_call_send(core, event->call, "queue:support", NULL);
  return event->type == CC_EV_FACT ? on_fact(core, event) : CC_OK;
}

int main(void) {
  const cc_core_params params = {sizeof params, CC_ABI, NULL, NULL, CC_VIRTUAL_TIME, 0};
  union { cc_event first; char bytes[8192]; } read;
  cc_core *core = NULL;
  cc_queue *queue = NULL;
  size_t got = 0;
  int failed = cc_core_new(&params, &core) || cc_queue_new(core, "{\"facts\":true}", 0, &queue) || cc_core_start(core) ||
               cc_sim_act(core, "sim", "channel 0 calls 8000 from 13800000000");
  while (!failed && cc_queue_read(queue, &read, sizeof read, &got, 10000) == CC_OK)
    for (size_t at = 0; at < got && !failed; at += ((cc_event *)(read.bytes + at))->size)
      failed = on_event(core, (cc_event *)(read.bytes + at));
  failed = failed || cc_records(core, "{\"queue\":\"support\"}", read.bytes, sizeof read, NULL);
  if (failed) fprintf(stderr, "queue: %s\n", (cc_last_error(read.bytes, sizeof read), read.bytes));
  else printf("the record says: %s\n", strstr(read.bytes, "\"outcome\":\"answered_by_agent\"") ? "answered by an agent" : read.bytes);
  cc_queue_free(queue);
  cc_core_free(core);
  return failed;
}
