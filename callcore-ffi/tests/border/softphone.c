/* An agent's soft phone in virtual time, key by key, each with its effect:
 *   softphone typed|json      by the functions of each command, or by cc_command alone; prints the same, to the digest of all that has happened
 */
#define _GNU_SOURCE
#include <callcore.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char CONFIG[] =
    "hold_music='hold_music'\n"
    "[[device]]\nname='sim'\ndriver='sim'\nconfig={trunks=3,extensions=3,people='manual'}\n"
    "[[trunk_group]]\nname='city'\ndevice='sim'\nchannels=[0,2]\n"
    "[[extension]]\nnumber='1001'\nname='Anna'\ndevice='sim'\nchannel=3\n"
    "[[extension]]\nnumber='1002'\nname='Ben'\ndevice='sim'\nchannel=4\n"
    "[[extension]]\nnumber='1003'\nname='Boss'\ndevice='sim'\nchannel=5\n"
    "[[agent]]\nid='anna'\nname='Anna'\nextension='1001'\nqueues=['support']\nlogin='manual'\n"
    "[[queue]]\nname='support'\nmusic='hold_music'\nwrap_up_ms=2000\n"
    "[[route]]\ncalled='8000'\nto='application'\n"
    "[[outbound]]\nprefix='9'\nstrip=1\ntrunk_group='city'\n";

enum { ANNA = 3, BEN = 4, BOSS = 5, TAG = 0xDA7A, DIALLED = 77 };

static int by_json;
static cc_core *core;
static cc_queue *queue, *ledger;
static union { cc_event first; char bytes[1 << 16]; } space;

static void must(cc_status status, const char *what) {
  char words[512] = "";
  if (status == CC_OK) return;
  cc_last_error(words, sizeof words);
  fprintf(stderr, "%s: %s: %s\n", what, cc_status_name(status), words);
  exit(1);
}

static void require(int is_so, const char *what) {
  if (is_so) return;
  fprintf(stderr, "%s\n%s\n", what, space.bytes);
  exit(2);
}

static cc_req json(const char *format, ...) {
  char text[512];
  cc_req req = 0;
  va_list values;
  va_start(values, format);
  vsnprintf(text, sizeof text, format, values);
  va_end(values);
  must(cc_command(core, text, &req), text);
  return req;
}

#define ID(call) ((unsigned long long)(call))

/* ---- the keys of the soft phone */
static void agent(const char *state, const char *reason) {
  if (!by_json) must(cc_agent_set(core, "anna", state, reason, NULL), state);
  else if (reason) json("{\"command\":\"agent_%s\",\"agent\":\"anna\",\"reason\":\"%s\"}", state, reason);
  else json("{\"command\":\"agent_%s\",\"agent\":\"anna\"}", state);
}
static void off_hook(cc_id call) {
  if (!by_json) must(cc_call_answer(core, call, NULL), "off hook");
  else json("{\"command\":\"answer\",\"call\":%llu}", ID(call));
}
static void on_hook(cc_id call, int cause) {
  if (!by_json) must(cc_call_drop(core, call, (uint16_t)cause, NULL), "on hook");
  else json("{\"command\":\"release\",\"call\":%llu,\"cause\":{\"q850\":%d}}", ID(call), cause);
}
static cc_req dial(const char *to) {
  const cc_make make = {sizeof make, 0, to, "8000", by_json ? 0 : DIALLED};
  cc_req req = 0;
  if (by_json) return json("{\"command\":\"originate\",\"to\":\"%s\",\"calling\":\"8000\"}", to);
  must(cc_call_make(core, &make, &req), "dial");
  return req;
}
static void send(cc_id call, const char *to) {
  if (!by_json) must(cc_call_send(core, call, to, NULL), "send");
  else json("{\"command\":\"send\",\"call\":%llu,\"to\":\"%s\"}", ID(call), to);
}
static void transfer(cc_id call, const char *to) {
  if (!by_json) must(cc_call_transfer(core, call, to, CC_OTHER, NULL), "transfer");
  else json("{\"command\":\"transfer\",\"call\":%llu,\"to\":\"%s\"}", ID(call), to);
}
static void hold(cc_id call, int on) {
  if (!by_json) must(cc_call_hold(core, call, CC_OTHER, on, NULL), "hold");
  else json("{\"command\":\"hold\",\"call\":%llu,\"by\":\"right\",\"on\":%s}", ID(call), on ? "true" : "false");
}
static cc_req supervise(cc_id call, cc_id by, uint32_t how) {
  cc_req req = 0;
  if (by_json) return json("{\"command\":\"supervise\",\"call\":%llu,\"by\":%llu,\"how\":\"%s\"}", ID(call), ID(by), how == CC_SUPERVISE_LISTEN ? "listen" : "barge");
  must(cc_supervise(core, call, by, how, CC_OTHER, &req), "supervise");
  return req;
}
static void cancel(cc_req req) {
  if (!by_json) must(cc_cancel(core, req), "cancel");
  else json("{\"command\":\"cancel\",\"request\":%llu}", (unsigned long long)req);
}

/* ---- what is seen */
static void act(int channel, const char *what) {
  char line[128];
  snprintf(line, sizeof line, "channel %d %s", channel, what);
  must(cc_sim_act(core, "sim", line), line);
}

static void live(uint64_t ms) { must(cc_sim_run(core, ms), "time"); }

/* The next event, which is left in `space`. */
static void read_from(cc_queue *from) {
  size_t got = 0;
  for (size_t room = sizeof(cc_event); cc_queue_read(from, &space, room, &got, 60000) == CC_E_SHORT; room = got) {}
  require(got > 0, "an event is awaited");
}
static cc_event next(uint16_t type) {
  do read_from(queue); while (space.first.type != type);
  return space.first;
}
static const char *text_of(const cc_event *event) { return space.bytes + event->text_off; }
static const char *json_of(const cc_event *event) { return space.bytes + event->json_off; }

static const char *seen(const char *what) {
  must(cc_get(core, what, space.bytes, sizeof space, NULL), what);
  return space.bytes;
}

/* A member of the object in a list that has this. */
static const char *member(const char *list, const char *of, const char *name) {
  static char value[128];
  char key[64];
  const char *at = strstr(list, of), *begin = at, *found, *end;
  require(at != NULL, of);
  while (begin > list && *begin != '{') begin--;
  end = strchr(at, '}');
  snprintf(key, sizeof key, "\"%s\":", name);
  found = strstr(begin, key);
  require(found && found < end, name);
  found += strlen(key);
  snprintf(value, sizeof value, "%.*s", (int)strcspn(found + (*found == '"'), "\",}"), found + (*found == '"'));
  return value;
}

static void say_agent(const char *key) {
  const char *agents = seen("agents");
  printf("%s: %s", key, member(agents, "\"id\":\"anna\"", "state"));
  printf(" %s\n", member(agents, "\"id\":\"anna\"", "reason"));
}

/* What the ledger says of the next entry of this name. */
static void say_fact(const char *key, const char *name, const char *what) {
  do read_from(ledger); while (strcmp(text_of(&space.first), name));
  printf("%s: %s %s\n", key, name, member(json_of(&space.first), name, what));
}

static void say_controller(const char *key, cc_id call) {
  char id[64];
  snprintf(id, sizeof id, "\"id\":%llu", ID(call));
  printf("%s: %s\n", key, member(seen("calls"), id, "controller"));
}

/* A call that is made, its telephone answered: from its first event on it can be told. */
static cc_id dialled(const char *to, int channel) {
  const cc_req req = dial(to);
  cc_event event = next(CC_EV_ORIGINATED);
  const cc_id call = event.call;
  require(event.req == req, "the first event of the call is that it was dialled");
  if (by_json) must(cc_call_tag(core, call, DIALLED), "the tag");
  else require(event.user == DIALLED, "and has its tag");
  live(500);
  act(channel, "answers");
  event = next(CC_EV_ANSWERED);
  require(event.call == call && event.user == DIALLED, "the answer has the tag");
  event = next(CC_EV_DONE);
  require(event.req == req && event.call == call && event.user == DIALLED && event.status == CC_OK, "the end of dialling has the tag");
  return call;
}

/* ---- the day of anna's soft phone */
static void comes_and_goes(void) {
  say_agent("at first");
  agent("login", NULL), say_agent("login");
  agent("not_ready", "lunch"), say_agent("busy");
  agent("ready", NULL), say_agent("idle");
}

/* A caller is answered, asked, and talks with anna: what is known of him goes with him. */
static cc_id takes_a_call(void) {
  cc_event event;
  act(0, "calls 8000 from 13800000000");
  event = next(CC_EV_OFFERED);
  printf("rings: %s\n", text_of(&event));
  must(cc_call_tag(core, event.call, TAG), "the tag");
  off_hook(event.call);
  event = next(CC_EV_ANSWERED);
  printf("off hook: answered, data %llx\n", ID(event.user));
  act(0, "digit 5");
  event = next(CC_EV_DIGIT);
  printf("key: %s, data %llx\n", text_of(&event), ID(event.user));
  send(event.call, "queue:support");
  live(500);
  act(ANNA, "answers");
  live(500);
  say_agent("talks");
  hold(event.call, 1), say_fact("hold", "held", "by");
  hold(event.call, 0), say_fact("hold again", "retrieved", "by");
  return event.call;
}

static void is_supervised(cc_id call) {
  const cc_id boss = dialled("extension:1003", BOSS);
  const uint32_t hows[] = {CC_SUPERVISE_LISTEN, CC_SUPERVISE_BARGE};
  for (int i = 0; i < 2; i++) {
    const cc_req req = supervise(call, boss, hows[i]);
    say_fact(i ? "barge" : "listen", "supervision_began", "how");
    say_controller("supervisor", boss);
    live(500);
    cancel(req);
    require(next(CC_EV_SUPERVISION_ENDED).req == req, "the end of the supervision is the command's");
  }
  on_hook(boss, 16);
  require(next(CC_EV_ENDED).call == boss, "the supervisor is gone");
}

/* From anna to the program, which reads the data, and on to ben. */
static void is_transferred(cc_id call) {
  cc_event event;
  transfer(call, "application");
  event = next(CC_EV_OFFERED);
  require(event.call == call && strstr(json_of(&event), "\"called\":\"8000\"") && strstr(json_of(&event), "\"calling\":\"13800000000\""), "what is known of the caller came along");
  printf("transfer to the program: %s, data %llx\n", text_of(&event), ID(event.user));
  say_agent("transferred");
  send(call, "extension:1002");
  live(500);
  act(BEN, "answers");
  live(500);
  say_controller("transfer to ben", call);
  printf("with ben: from %s", member(seen("calls"), "extension:1002", "calling"));
  printf(" to %s\n", member(seen("calls"), "extension:1002", "called"));
}

static void is_forcibly_released(cc_id call) {
  cc_event event;
  on_hook(call, 31);
  event = next(CC_EV_ENDED);
  require(event.call == call, "it is the talk that ended");
  printf("forced release: cause %u, data %llx\n", event.cause, ID(event.user));
  live(1000);
  must(cc_records(core, "{\"calling\":\"13800000000\"}", space.bytes, sizeof space, NULL), "the record");
  printf("record: agent %s", member(space.bytes, "13800000000", "agent"));
  printf(", party %s", member(space.bytes, "13800000000", "party"));
  printf(", cause %s\n", member(space.bytes, "13800000000", "cause_q850"));
}

static void dials_out(void) {
  const cc_id call = dialled("extension:1001", ANNA);
  send(call, "number:9138");
  live(2000);
  say_controller("dial", call);
  printf("line 0: %s", member(seen("devices"), "\"number\":\"138\"", "state"));
  on_hook(call, 16);
  require(next(CC_EV_ENDED).call == call, "it is the call that was dialled");
  live(3000);
  printf(", on hook: %d calls\n", strcmp(seen("calls"), "[]") != 0);
  agent("logout", NULL), say_agent("logout");
}

int main(int argc, char **argv) {
  cc_core_params params = {sizeof params, CC_ABI, CONFIG, NULL, CC_VIRTUAL_TIME, 0};
  cc_id call;
  char digest[128];
  by_json = argc > 1 && !strcmp(argv[1], "json");
  must(cc_core_new(&params, &core), "the core");
  must(cc_queue_new(core, NULL, 0, &queue), "a queue");
  must(cc_queue_new(core, "{\"events\":[112],\"facts\":true}", 0, &ledger), "a queue");
  must(cc_core_start(core), "the start");
  comes_and_goes();
  call = takes_a_call();
  is_supervised(call);
  is_transferred(call);
  is_forcibly_released(call);
  dials_out();
  must(cc_sim_digest(core, digest, sizeof digest, NULL), "the digest");
  printf("digest %s\n", digest);
  cc_queue_free(queue), cc_queue_free(ledger);
  cc_core_free(core);
  return 0;
}
