/* A program that serves a thousand callers at a time by itself, in virtual time:
 *   thousand CALLS      prints what became of them, how many lived at once, how long that took, and the most memory it had
 *
 * Where a call goes is the program's own table; each caller hears a prompt of the place that was called, is asked for a PIN, which is looked at,
 * and is released: with cause 16 when it was right, 21 when it was wrong, 19 when none came.
 */
#define _GNU_SOURCE
#include <callcore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* The program's routing: what was called, and what is heard there. */
static const struct { const char *called, *prompt; } places[] = {{"8000", "welcome"}, {"8001", "sales"}, {"8002", "support"}};
enum { PLACES = sizeof places / sizeof *places, PIN = 4, CALLS_MAX = 10000 };

/* A caller; `user` of a call is its index. */
static struct { cc_id call; int place; char pin[8]; int cause; } callers[CALLS_MAX];
static int count, offered, greeted, right, wrong, silent, ended;
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

static void require(int is_so, const char *what) {
  if (is_so) return;
  fprintf(stderr, "%s\n", what);
  exit(2);
}

/* What this caller's PIN must be. */
static void pin_of(int caller, char *pin) { snprintf(pin, 8, "%04d", caller * 7919 % 10000); }

static void on_offered(const cc_event *event, const char *text, const char *json) {
  const int caller = atoi(text + 3); /* 1380000042 is number 42 */
  char called[32];
  require(caller >= 0 && caller < count && !callers[caller].call, "each caller calls once");
  callers[caller].call = event->call;
  for (callers[caller].place = 0; callers[caller].place < PLACES; callers[caller].place++) {
    snprintf(called, sizeof called, "\"called\":\"%s\"", places[callers[caller].place].called);
    if (strstr(json, called)) break;
  }
  require(callers[caller].place == caller % PLACES, "the call came where it was sent");
  must(cc_call_tag(core, event->call, (uint64_t)caller + 1), "the tag");
  must(cc_call_answer(core, event->call, NULL), "the answer");
  offered++;
}

static void on_event(const cc_event *event) {
  const char *text = (const char *)event + event->text_off, *json = (const char *)event + event->json_off;
  const int caller = (int)event->user - 1;
  char pin[8];
  if (event->type == CC_EV_OFFERED) { on_offered(event, text, json); return; }
  if (event->type == CC_EV_DONE) { require(event->status == CC_OK, "no command fails"); return; }
  require(caller >= 0 && caller < count && callers[caller].call == event->call, "each event has its call's tag");
  switch (event->type) {
    case CC_EV_ANSWERED:
      must(cc_play(core, event->call, places[callers[caller].place].prompt, NULL), "a prompt");
      break;
    case CC_EV_PLAY_DONE:
      require(event->end == CC_END_COMPLETE, "the prompt is heard to its end");
      must(cc_collect(core, event->call, "{\"prompts\":[\"pin\"],\"digits_max\":4,\"first_digit_ms\":20000}", NULL), "a question");
      greeted++;
      break;
    case CC_EV_COLLECT_DONE:
      pin_of(caller, pin);
      callers[caller].cause = event->end != CC_END_COMPLETE ? 19 : strcmp(text, pin) ? 21 : 16;
      silent += callers[caller].cause == 19, wrong += callers[caller].cause == 21, right += callers[caller].cause == 16;
      must(cc_call_drop(core, event->call, (uint16_t)callers[caller].cause, NULL), "the release");
      break;
    case CC_EV_ENDED:
      require(event->cause == callers[caller].cause, "it ended as the program wanted");
      ended++;
      break;
    default: break;
  }
}

/* Let time go on until a count is reached. */
static void until(const int *reached, int wanted) {
  while (*reached < wanted) {
    size_t got = 0;
    must(cc_queue_read(queue, &space, sizeof space, &got, 60000), "an event is awaited");
    for (size_t at = 0; at < got; at += ((cc_event *)(space.bytes + at))->size) on_event((cc_event *)(space.bytes + at));
  }
}

static void act(const char *format, int channel, const char *what, int number) {
  char line[128];
  snprintf(line, sizeof line, format, channel, what, number);
  must(cc_sim_act(core, "sim", line), line);
}

/* One in ten says a wrong PIN, one in a hundred none. */
static void answer_the_question(int caller) {
  char pin[8];
  pin_of(caller % 10 == 3 ? caller + 1 : caller, pin);
  if (caller % 100 != 7) act("channel %d digits %s", caller, pin, 0);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  static char config[1024];
  cc_core_params params = {sizeof params, CC_ABI, config, NULL, CC_VIRTUAL_TIME, 0};
  const double begin = seconds();
  struct rusage used;
  size_t at_once = 0;
  count = argc > 1 ? atoi(argv[1]) : 1000;
  require(count > 0 && count <= CALLS_MAX, "1 to 10000 calls");
  snprintf(config, sizeof config,
           "[[device]]\nname='sim'\ndriver='sim'\nconfig={trunks=%d,extensions=0,people='manual'}\n"
           "[[trunk_group]]\nname='city'\ndevice='sim'\nchannels=[0,%d]\n[[route]]\ncalled='800x'\nto='application'\n",
           count, count - 1);
  must(cc_core_new(&params, &core), "the core");
  must(cc_queue_new(core, NULL, 16 << 20, &queue), "a queue");
  must(cc_core_start(core), "the start");
  for (int caller = 0; caller < count; caller++) act("channel %d calls %s from 138%07d", caller, places[caller % PLACES].called, caller);
  until(&greeted, count);
  cc_calls(core, NULL, 0, &at_once);
  for (int caller = 0; caller < count; caller++) answer_the_question(caller);
  until(&ended, count);
  cc_core_free(core);
  cc_queue_free(queue);
  printf("%d calls, %zu at once: %d right, %d wrong, %d silent\n", offered, at_once, right, wrong, silent);
  getrusage(RUSAGE_SELF, &used);
  printf("%.2f s, of which %.2f s of processor; %ld KiB at most\n", seconds() - begin,
         (double)used.ru_utime.tv_sec + (double)used.ru_utime.tv_usec / 1e6 + (double)used.ru_stime.tv_sec + (double)used.ru_stime.tv_usec / 1e6,
         used.ru_maxrss);
  return 0;
}
