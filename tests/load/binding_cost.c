/* What commands and events cost a program in C: prints the lines of tests/examples/commands.rs, and `unwanted_ns`, a command whose event no queue
 * wants.  With a number: so many commands and their events once. */
#define _GNU_SOURCE
#include <callcore.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 20, COMMANDS = 2000, REAL = 5000, CALLS = 500 };

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

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void begin(uint32_t flags, const char *filter) {
  cc_core_params params = {sizeof params, CC_ABI, NULL, NULL, flags, 0};
  must(cc_core_new(&params, &core), "the core");
  must(cc_queue_new(core, filter, 16 << 20, &queue), "a queue");
  must(cc_core_start(core), "the start");
  must(cc_agent_set(core, "anna", "login", NULL, NULL), "the login");
}

static void end(void) {
  cc_core_free(core);
  cc_queue_free(queue);
}

static void commands(int count) {
  for (int i = 0; i < count; i++) must(cc_agent_set(core, "anna", i % 2 ? "ready" : "not_ready", i % 2 ? NULL : "pause", NULL), "a command");
}

/* Reads until so many events of a type were there. */
static void read_events(uint16_t type, int count) {
  while (count > 0) {
    size_t got = 0;
    must(cc_queue_read(queue, &space, sizeof space, &got, 10000), "an event is awaited");
    for (size_t at = 0; at < got; at += ((cc_event *)(space.bytes + at))->size) count -= ((cc_event *)(space.bytes + at))->type == type;
  }
  if (count < 0) fprintf(stderr, "%d events too many\n", -count), exit(1);
}

static void in_virtual_time(void) {
  uint64_t command = UINT64_MAX, event = UINT64_MAX, unwanted = UINT64_MAX;
  begin(CC_VIRTUAL_TIME, NULL);
  read_events(CC_EV_DONE, 1);
  for (int i = 0; i < ROUNDS; i++) {
    const uint64_t first = now_ns();
    commands(COMMANDS);
    const uint64_t then = now_ns();
    read_events(CC_EV_DONE, COMMANDS);
    const uint64_t last = now_ns();
    if (then - first < command) command = then - first;
    if (last - then < event) event = last - then;
  }
  end();
  begin(CC_VIRTUAL_TIME, "{\"events\":[16]}");
  for (int i = 0; i < ROUNDS; i++) {
    const uint64_t first = now_ns();
    commands(COMMANDS);
    const uint64_t last = now_ns();
    if (last - first < unwanted) unwanted = last - first;
  }
  end();
  printf("command_ns %lu\nevent_ns %lu\nunwanted_ns %lu\n", command / COMMANDS, event / COMMANDS, unwanted / COMMANDS);
}

static void *reader(void *nothing) {
  read_events(CC_EV_DONE, REAL);
  return nothing;
}

/* The person at the telephone: what is wished of him, and when he began. */
static sem_t wish;
static const char *_Atomic wished;
static _Atomic uint64_t begun;
static void *person(void *nothing) {
  for (;;) {
    sem_wait(&wish);
    if (!wished) return nothing;
    begun = now_ns();
    must(cc_sim_act(core, "sim", wished), wished);
  }
}

static int by_size(const void *a, const void *b) {
  const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
  return left < right ? -1 : left > right;
}

static uint64_t took(const char *what, uint16_t type) {
  wished = what;
  sem_post(&wish);
  read_events(type, 1);
  return now_ns() - begun;
}

static void say(const char *what, uint64_t *took) {
  qsort(took, CALLS, sizeof *took, by_size);
  printf("%s_p50_us %lu\n%s_p99_us %lu\n", what, took[CALLS / 2] / 1000, what, took[CALLS * 99 / 100] / 1000);
}

static void in_real_time(void) {
  static uint64_t offered[CALLS], ended[CALLS];
  pthread_t thread;
  begin(0, "{\"events\":[1,16,26]}");
  read_events(CC_EV_DONE, 1);
  const uint64_t first = now_ns();
  pthread_create(&thread, NULL, reader, NULL);
  commands(REAL);
  pthread_join(thread, NULL);
  printf("real_ns %lu\n", (now_ns() - first) / REAL);
  sem_init(&wish, 0, 0);
  pthread_create(&thread, NULL, person, NULL);
  for (int i = 0; i < CALLS; i++) {
    offered[i] = took("channel 0 calls 8000 from 13800000000", CC_EV_OFFERED);
    ended[i] = took("channel 0 hangs up", CC_EV_ENDED);
  }
  wished = NULL;
  sem_post(&wish);
  pthread_join(thread, NULL);
  end();
  say("offered", offered);
  say("ended", ended);
}

int main(int argc, char **argv) {
  if (argc > 1) {
    begin(CC_VIRTUAL_TIME, NULL);
    commands(atoi(argv[1]));
    read_events(CC_EV_DONE, atoi(argv[1]) + 1);
    end();
    return 0;
  }
  in_virtual_time();
  in_real_time();
  return 0;
}
