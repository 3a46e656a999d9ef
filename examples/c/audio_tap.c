/* The samples of a call, both ways: measures how loud the caller is, and says a tone of 440 Hz meanwhile. In real time, with a simulated person. */
#include <callcore.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

/* What the caller has said since the last time; gives its loudness, 0 to 1, or below 0 when nothing came. */
static double hear(const cc_tap *tap) {
  const uint64_t begin = *tap->heard_begin, end = __atomic_load_n(tap->heard_end, __ATOMIC_ACQUIRE);
  double sum = 0;
  for (uint64_t at = begin; at != end; at++) {
    const double sample = tap->heard[at % tap->samples] / 32768.0;
    sum += sample * sample;
  }
  __atomic_store_n(tap->heard_begin, end, __ATOMIC_RELEASE);
  return begin == end ? -1 : sqrt(sum / (double)(end - begin));
}

/* A tone, as far as there is room for it: at most a fifth of a second ahead, so that whatever is said next is heard soon. */
static void say(const cc_tap *tap) {
  uint64_t at = *tap->said_end, until = __atomic_load_n(tap->said_begin, __ATOMIC_ACQUIRE) + tap->rate / 5;
  for (; at < until; at++) tap->said[at % tap->samples] = (int16_t)(8000 * sin(2 * 3.14159265358979 * 440 * (double)at / tap->rate));
  __atomic_store_n(tap->said_end, at, __ATOMIC_RELEASE);
}

/* Moves sound until the caller is as loud as `is_loud` says, for half a second at a stretch. */
static int until(const cc_tap *tap, int is_loud) {
  for (int frames = 0, tries = 0; frames < 25 && tries < 1000; tries++) {
    struct pollfd ready = {(int)tap->wake_fd, POLLIN, 0};
    uint64_t ticks = 0;
    double level;
    if (poll(&ready, 1, 1000) != 1 || read((int)tap->wake_fd, &ticks, sizeof ticks) < 0) continue;
    say(tap);
    level = hear(tap);
    if (level >= 0) frames = (level > 0.01) == is_loud ? frames + 1 : 0;
    if (frames == 25) return 0;
  }
  return 1;
}

static int talk(cc_core *core, cc_id call) {
  cc_tap tap = {sizeof tap, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0};
  cc_id id = 0;
  if (cc_tap_open(core, call, 8000, &tap, &id) || cc_sim_act(core, "sim", "channel 0 talks") || until(&tap, 1)) return 1;
  puts("the caller speaks");
  if (cc_sim_act(core, "sim", "channel 0 silent") || until(&tap, 0)) return 1;
  puts("the caller is silent");
  return cc_tap_close(core, id) || cc_call_drop(core, call, 16, NULL);
}

static int on_event(cc_core *core, const cc_event *event) {
  switch (event->type) {
    case CC_EV_OFFERED: return cc_call_answer(core, event->call, NULL);
    case CC_EV_ANSWERED: return puts("answered"), talk(core, event->call);
    case CC_EV_ENDED: return puts("the call has ended"), cc_core_stop(core, 0);
    default: return 0;
  }
}

int main(void) {
  const cc_core_params params = {sizeof params, CC_ABI, NULL, NULL, 0, 0};
  union { cc_event first; char bytes[8192]; } read;
  cc_core *core = NULL;
  cc_queue *queue = NULL;
  size_t got = 0;
  int failed = cc_core_new(&params, &core) || cc_queue_new(core, NULL, 0, &queue) || cc_core_start(core) ||
               cc_sim_act(core, "sim", "channel 0 calls 8000 from 13800000000");
  /* after CC_EV_STOPPED there is nothing to wait for */
  while (!failed && cc_queue_read(queue, &read, sizeof read, &got, -1) == CC_OK)
    for (size_t at = 0; at < got && !failed; at += ((cc_event *)(read.bytes + at))->size)
      failed = on_event(core, (cc_event *)(read.bytes + at));
  if (failed) fprintf(stderr, "audio_tap: %s\n", (cc_last_error(read.bytes, sizeof read), read.bytes));
  cc_queue_free(queue);
  cc_core_free(core);
  return failed;
}
