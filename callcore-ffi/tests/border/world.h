/* What the functions of callcore.h are called with: a centre in which a call lives, and wrong values of every kind. Each thread has its own. */
#define _GNU_SOURCE
#include <callcore.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_UTF8 "a\xff\xfe"
enum { ROOM = 1 << 16, IDS = 64, GUARD = 64, GUARD_BYTE = 0x5A, PARAMETERS = 6, WRONG = 24 };

static char LONG[1 << 20];
/* the name of a prompt that no journal could keep */
static char LONG_OPTIONS[(1 << 20) + 64];
static uint8_t WAV[44 + 1600]; /* a tenth of a second of silence */
enum { WAV_BYTES = sizeof WAV };

#define own static _Thread_local
own cc_core *core, *new_core, *freed_core;
own cc_queue *queue, *new_queue, *freed_queue;
own cc_id call, ended_call, tap_id;
own cc_id ids[IDS];
own cc_req req;
own size_t need;
own int32_t more;
own uint64_t time_now;
own union { cc_event first; char bytes[ROOM + GUARD]; } space;
#define room (space.bytes)
/* a struct of just so many bytes, so that reading more of it is found by whoever looks */
own void *sized;

static void *of_size(const void *from, size_t bytes, size_t size) {
  free(sized);
  sized = calloc(1, size < 4 ? 4 : size);
  memcpy(sized, from, bytes < size ? bytes : size);
  *(uint32_t *)sized = (uint32_t)size;
  return sized;
}

own cc_core_params params;
static cc_core_params *params_of(const char *config, const char *path) {
  cc_core_params made = params;
  made.config = config, made.path = path;
  return of_size(&made, sizeof made, sizeof made);
}
static cc_core_params *params_of_size(size_t size) { return of_size(&params, sizeof params, size); }
static cc_core_params *params_of_abi(uint32_t abi) { return params_of(NULL, NULL)->abi = abi, (cc_core_params *)sized; }
static cc_core_params *params_of_flags(uint32_t flags) { return params_of(NULL, NULL)->flags = flags, (cc_core_params *)sized; }

own cc_make make;
static cc_make *make_of(const char *to, const char *calling) {
  cc_make made = {sizeof made, 0, to, calling, 5};
  return of_size(&made, sizeof made, sizeof made);
}
static cc_make *make_of_size(size_t size) { return of_size(&make, sizeof make, size); }
static cc_tap *tap_of_size(size_t size) {
  static const cc_tap nothing;
  return of_size(&nothing, sizeof nothing, size);
}

static atomic_int events_seen;
static void on_event(void *user, const cc_event *event) {
  (void)user;
  atomic_fetch_add(&events_seen, event->size > 0);
}

/* A function with its parameters' wrong values, and what must come of each. */
typedef struct {
  const char *name;
  cc_status (*run)(const int *wrong); /* for each parameter the number of a wrong value, or -1 */
  int parameters;
  int wrongs[PARAMETERS];
  const char *then[PARAMETERS][WRONG];
  int has_status, has_core, after_fork;
} function;

own int failures;
static const char *situation;

/* One of the header's statuses, and no fault of the library. */
static int is_known(cc_status status) {
  return strcmp(cc_status_name(status), "CC_E_UNKNOWN") != 0 && status != CC_E_PANIC && status != CC_E_INTERNAL;
}

static int is_as(cc_status status, const char *then) {
  if (!strcmp(then, "any")) return is_known(status);
  if (!strcmp(then, "refused")) return is_known(status) && status < 0;
  return !strcmp(cc_status_name(status) + (status ? 5 : 3), then);
}

static void complain(const function *it, const int *wrong, cc_status status, const char *then) {
  char words[512] = "";
  cc_last_error(words, sizeof words);
  fprintf(stderr, "%s: %s(", situation, it->name);
  for (int i = 0; i < it->parameters; i++) fprintf(stderr, "%s%d", i ? ", " : "", wrong[i]);
  fprintf(stderr, ") is %s (%s), not %s\n", cc_status_name(status), words, then);
  failures++;
}

static void guard(void) { memset(space.bytes + ROOM, GUARD_BYTE, GUARD); }

static cc_status run(const function *it, const int *wrong, const char *then) {
  guard();
  const cc_status status = it->run(wrong);
  if (it->has_status ? !is_as(status, then) : !is_known(status)) complain(it, wrong, status, then);
  for (int i = 0; i < GUARD; i++)
    if (space.bytes[ROOM + i] != GUARD_BYTE) complain(it, wrong, status, "inside the buffer"), guard();
  return status;
}

static void prepare(uint32_t flags) {
  memset(LONG, 'x', sizeof LONG - 1);
  snprintf(LONG_OPTIONS, sizeof LONG_OPTIONS, "{\"prompts\":[\"%s\"]}", LONG);
  memcpy(WAV, "RIFF\x64\x06\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\x40\x06\0\0", 44);
  params = (cc_core_params){sizeof params, CC_ABI, NULL, NULL, flags, 0};
  make = (cc_make){sizeof make, 0, "extension:1001", NULL, 5};
}

static void must(const char *what, cc_status status) {
  char words[512] = "";
  if (status == CC_OK) return;
  cc_last_error(words, sizeof words);
  fprintf(stderr, "%s: %s: %s: %s\n", situation, what, cc_status_name(status), words);
  exit(3);
}

/* The call of the next event of a type. */
static cc_id next(cc_queue *from, uint16_t type) {
  for (;;) {
    size_t got = 0;
    must("an event is awaited", cc_queue_read(from, room, ROOM, &got, 20000));
    for (size_t at = 0; at < got; at += ((cc_event *)(room + at))->size)
      if (((cc_event *)(room + at))->type == type) return ((cc_event *)(room + at))->call;
  }
}

/* A core with a queue nobody reads; started, it has a call that was answered, one that has ended, and, in real time, a tap. */
static void begin(uint32_t flags, int is_started) {
  cc_queue *inner = NULL;
  cc_tap tap = {0};
  prepare(flags);
  call = ended_call = 0, tap_id = 0x7A00000000000001u;
  must("a core", cc_core_new(&params, &freed_core));
  must("a queue", cc_queue_new(freed_core, NULL, 0, &freed_queue));
  cc_queue_free(freed_queue);
  cc_core_free(freed_core);
  must("a core", cc_core_new(&params, &core));
  must("a queue", cc_queue_new(core, NULL, 0, &queue));
  if (!is_started) return;
  must("a queue", cc_queue_new(core, NULL, 0, &inner));
  must("the start", cc_core_start(core));
  must("a call", cc_sim_act(core, "sim", "channel 1 calls 8000 from 13900000000"));
  ended_call = next(inner, CC_EV_OFFERED);
  must("its end", cc_sim_act(core, "sim", "channel 1 hangs up"));
  next(inner, CC_EV_ENDED);
  must("a call", cc_sim_act(core, "sim", "channel 0 calls 8000 from 13800000000"));
  call = next(inner, CC_EV_OFFERED);
  must("the answer", cc_call_answer(core, call, NULL));
  next(inner, CC_EV_ANSWERED);
  cc_queue_free(inner);
  tap.size = sizeof tap;
  if (!flags) must("a tap", cc_tap_open(core, call, 8000, &tap, &tap_id));
}

static void end(void) {
  cc_queue_free(queue), cc_queue_free(new_queue);
  cc_core_free(core), cc_core_free(new_core);
  core = new_core = NULL, queue = new_queue = NULL;
  free(sized), sized = NULL;
}
