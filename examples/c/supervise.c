/* A supervisor listens to an agent's talk, whispers to the agent, and then talks with both. In virtual time, with one caller and two phones:
 * Anna's, who is the agent, and the supervisor's. */
#include <callcore.h>
#include <stdio.h>
#include <string.h>

static const char config[] =
    "[[device]]\nname = 'sim'\ndriver = 'sim'\nconfig = { trunks = 1, extensions = 2, people = 'manual' }\n"
    "[[trunk_group]]\nname = 'city'\ndevice = 'sim'\nchannels = [0, 0]\n"
    "[[extension]]\nnumber = '1001'\nname = 'Anna'\ndevice = 'sim'\nchannel = 1\n"
    "[[extension]]\nnumber = '1002'\nname = 'Supervisor'\ndevice = 'sim'\nchannel = 2\n"
    "[[agent]]\nid = 'anna'\nname = 'Anna'\nextension = '1001'\nqueues = ['support']\nlogin = 'manual'\n"
    "[[queue]]\nname = 'support'\n"
    "[[route]]\ncalled = '8000'\nto = 'queue:support'\n";

static cc_id talk, supervisor;

/* One way after the other; each takes the place of the last. */
static cc_status supervise(cc_core *core) {
  static const struct { uint32_t how; const char *words; } ways[] = {
      {CC_SUPERVISE_LISTEN, "listens"}, {CC_SUPERVISE_WHISPER, "whispers to Anna"}, {CC_SUPERVISE_BARGE, "talks with both"}};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    const cc_status status = cc_supervise(core, talk, supervisor, ways[i].how, CC_OTHER, NULL);
    if (status) return status;
    printf("the supervisor %s\n", ways[i].words);
    cc_sim_run(core, 10000);
  }
  return cc_sim_act(core, "sim", "channel 0 hangs up");
}

static int on_fact(cc_core *core, const char *fact) {
  const cc_make make = {sizeof make, 0, "extension:1002", NULL, 1};
  if (!strcmp(fact, "leg_alerting")) /* the phone that does not ring refuses to answer */
    return cc_sim_act(core, "sim", "channel 1 answers") && cc_sim_act(core, "sim", "channel 2 answers");
  /* the supervisor is called when Anna talks with the only call there is */
  if (strcmp(fact, "bridged")) return CC_OK;
  puts("Anna talks with a caller");
  return cc_calls(core, &talk, 1, NULL) || cc_call_make(core, &make, NULL);
}

static int on_event(cc_core *core, const cc_event *event) {
  switch (event->type) {
    case CC_EV_FACT: return on_fact(core, (const char *)event + event->text_off);
    case CC_EV_DONE: /* the supervisor's phone was answered */
      if (!event->user || event->status || supervisor) return CC_OK;
      supervisor = event->call;
      return supervise(core);
    case CC_EV_SUPERVISION_ENDED: return puts("the talk is over"), cc_call_drop(core, supervisor, 16, NULL);
    default: return CC_OK;
  }
}

int main(void) {
  const cc_core_params params = {sizeof params, CC_ABI, config, NULL, CC_VIRTUAL_TIME, 0};
  union { cc_event first; char bytes[8192]; } read;
  cc_core *core = NULL;
  cc_queue *queue = NULL;
  size_t got = 0;
  int failed = cc_core_new(&params, &core) || cc_queue_new(core, "{\"facts\":true}", 0, &queue) || cc_core_start(core) ||
               cc_agent_set(core, "anna", "login", NULL, NULL) ||
               cc_sim_act(core, "sim", "channel 0 calls 8000 from 13800000000");
  while (!failed && cc_queue_read(queue, &read, sizeof read, &got, 10000) == CC_OK)
    for (size_t at = 0; at < got && !failed; at += ((cc_event *)(read.bytes + at))->size)
      failed = on_event(core, (cc_event *)(read.bytes + at));
  if (failed) fprintf(stderr, "supervise: %s\n", (cc_last_error(read.bytes, sizeof read), read.bytes));
  cc_queue_free(queue);
  cc_core_free(core);
  return failed;
}
