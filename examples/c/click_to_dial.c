/* Click to dial: Anna clicks on a number. Her own phone rings first; when she has answered, the number is dialled and she is put through to it.
 * In virtual time, with one phone and two lines to the outside; people answer as soon as it rings. */
#include <callcore.h>
#include <stdio.h>
#include <string.h>

static const char config[] =
    "[[device]]\nname = 'sim'\ndriver = 'sim'\nconfig = { trunks = 2, extensions = 1, people = 'manual' }\n"
    "[[trunk_group]]\nname = 'city'\ndevice = 'sim'\nchannels = [0, 1]\n"
    "[[extension]]\nnumber = '1001'\nname = 'Anna'\ndevice = 'sim'\nchannel = 2\n"
    "[[outbound]]\nprefix = '0'\ntrunk_group = 'city'\n";

/* What a program keeps of a click: it comes back with the call as its `user`. */
static const struct { const char *who, *phone, *number; } clicks[] = {{0, 0, 0}, {"Anna", "extension:1001", "number:02087000000"}};

static int on_fact(cc_core *core, const char *fact, const char *json) {
  if (!strcmp(fact, "leg_begun")) printf("%s rings\n", strstr(json, "\"1001\"") ? "Anna's phone" : "the number");
  if (!strcmp(fact, "leg_alerting")) /* the one that is idle refuses to answer */
    return cc_sim_act(core, "sim", "channel 2 answers") && cc_sim_act(core, "sim", "channel 1 answers");
  if (!strcmp(fact, "bridged")) return puts("they talk"), cc_sim_run(core, 30000) || cc_sim_act(core, "sim", "channel 2 hangs up");
  if (!strcmp(fact, "ended")) puts("the call is over");
  return 0;
}

static int on_event(cc_core *core, const cc_event *event) {
  const char *text = (const char *)event + event->text_off, *json = (const char *)event + event->json_off;
  if (event->type == CC_EV_FACT) return on_fact(core, text, json);
  /* the call that was made is there, or was not to be had */
  if (event->type != CC_EV_DONE || event->user == 0) return 0;
  if (event->status) return printf("%s does not answer: %s\n", clicks[event->user].who, text), 0;
  printf("%s is there\n", clicks[event->user].who);
  return cc_call_send(core, event->call, clicks[event->user].number, NULL);
}

int main(void) {
  const cc_core_params params = {sizeof params, CC_ABI, config, NULL, CC_VIRTUAL_TIME, 0};
  /* what a click does */
  const cc_make make = {sizeof make, 0, clicks[1].phone, "02087000000", 1};
  union { cc_event first; char bytes[8192]; } read;
  cc_core *core = NULL;
  cc_queue *queue = NULL;
  size_t got = 0;
  int failed = cc_core_new(&params, &core) || cc_queue_new(core, "{\"facts\":true}", 0, &queue) || cc_core_start(core) ||
               cc_call_make(core, &make, NULL);
  while (!failed && cc_queue_read(queue, &read, sizeof read, &got, 10000) == CC_OK)
    for (size_t at = 0; at < got && !failed; at += ((cc_event *)(read.bytes + at))->size)
      failed = on_event(core, (cc_event *)(read.bytes + at));
  if (failed) fprintf(stderr, "click_to_dial: %s\n", (cc_last_error(read.bytes, sizeof read), read.bytes));
  cc_queue_free(queue);
  cc_core_free(core);
  return failed;
}
