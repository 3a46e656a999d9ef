/* One centre, whose flows know nothing of cards, on another card each time:
 *   cards calls|span|line      prints what becomes of a caller, which is the same on all of them
 */
#define _GNU_SOURCE
#include <callcore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What whoever installs the machine writes: the card and its channels. */
static const struct { const char *name, *device, *more; int trunks; } cards[] = {
    {"calls", "{people='manual',trunks=4,extensions=1}", "", 4},
    {"span", "{people='manual',boards=[{kind='e1'},{kind='phones',channels=1}]}", "", 30},
    {"line", "{people='manual',boards=[{kind='fxo',channels=4},{kind='fxs',channels=1}]}", "[[line]]\ndevice='sim'\nhang_up_by=['tone']\n", 4}};

/* What whoever makes the centre writes. */
static const char CENTRE[] =
    "hold_music='hold_music'\n"
    "[[route]]\ncalled='*'\nto='flow:main'\n"
    "[flow.main]\nstart='menu'\n"
    "[flow.main.node.menu]\ntype='play_option'\nprompts=['welcome']\noptions={1='support'}\n"
    "[flow.main.node.support]\ntype='to_queue'\nqueue='support'\n"
    "[[queue]]\nname='support'\nmusic='hold_music'\n"
    "[[agent]]\nid='anna'\nname='Anna'\nextension='1001'\nqueues=['support']\nlogin='at_start'\n";

static cc_core *core;
static cc_queue *queue;
static union { cc_event first; char bytes[1 << 16]; } space;

static void must(cc_status status, const char *what) {
  char words[512] = "";
  if (status == CC_OK) return;
  cc_last_error(words, sizeof words);
  fprintf(stderr, "%s: %s: %s\n", what, cc_status_name(status), words);
  exit(1);
}

static void act(int channel, const char *what) {
  char line[128];
  snprintf(line, sizeof line, "channel %d %s", channel, what);
  must(cc_sim_act(core, "sim", line), line);
}

/* A member of an entry, if it has it. */
static void say(const char *json, const char *name) {
  char key[64];
  const char *found;
  snprintf(key, sizeof key, "\"%s\":\"", name);
  found = strstr(json, key);
  if (found) printf(" %.*s", (int)strcspn(found + strlen(key), "\""), found + strlen(key));
}

/* The ledger up to an entry of this name, without what only a card has to say. */
static void tell_until(const char *last) {
  static const char *const told[] = {"arrived", "routed", "answered", "node_entered", "digit_received", "queued", "offered", "bridged", "unbridged", "ended"};
  size_t got = 0;
  for (;;) {
    must(cc_queue_read(queue, &space, sizeof(cc_event) + 1024, &got, 60000), last);
    for (size_t at = 0; at < got; at += ((cc_event *)(space.bytes + at))->size) {
      const cc_event *event = (cc_event *)(space.bytes + at);
      const char *name = space.bytes + at + event->text_off, *json = space.bytes + at + event->json_off;
      for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (!strcmp(told[i], name)) printf("%s", name), say(json, "to"), say(json, "node"), say(json, "digit"), say(json, "queue"), say(json, "agent"), puts("");
      if (!strcmp(name, last)) return;
    }
  }
}

int main(int argc, char **argv) {
  static char config[4096];
  cc_core_params params = {sizeof params, CC_ABI, config, NULL, CC_VIRTUAL_TIME, 0};
  size_t card = 0;
  while (card < 2 && (argc < 2 || strcmp(cards[card].name, argv[1]))) card++;
  snprintf(config, sizeof config,
           "%s[[device]]\nname='sim'\ndriver='sim'\nconfig=%s\n%s[[trunk_group]]\nname='city'\ndevice='sim'\nchannels=[0,%d]\n"
           "[[extension]]\nnumber='1001'\nname='Anna'\ndevice='sim'\nchannel=%d\n",
           CENTRE, cards[card].device, cards[card].more, cards[card].trunks - 1, cards[card].trunks);
  must(cc_core_new(&params, &core), "the core");
  must(cc_queue_new(core, "{\"events\":[112],\"facts\":true}", 0, &queue), "a queue");
  must(cc_core_start(core), "the start");
  act(1, "calls 8000 from 13800000000");
  tell_until("node_entered");
  must(cc_sim_run(core, 1000), "time");
  act(1, "digit 1");
  tell_until("offered");
  must(cc_sim_run(core, 1000), "time");
  act(cards[card].trunks, "answers");
  tell_until("bridged");
  must(cc_sim_run(core, 2000), "time");
  act(cards[card].trunks, "hangs up");
  tell_until("ended");
  cc_queue_free(queue);
  cc_core_free(core);
  return 0;
}
