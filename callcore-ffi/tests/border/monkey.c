/* Calls functions at random, with values that are right for the most part:
 *   monkey virtual|real SEED CALLS THREADS      prints a digest of all statuses; with one thread in virtual time it is the seed's own
 * 0 when every status is one of the header's and none is a fault of the library.
 */
#include "steps.h"

static long calls_each;
static atomic_ulong failed, done;

own uint64_t dice_state;
static uint32_t dice(uint32_t sides) { /* xorshift64* */
  dice_state ^= dice_state >> 12, dice_state ^= dice_state << 25, dice_state ^= dice_state >> 27;
  return (uint32_t)((dice_state * 2685821657736338717u) >> 32) % sides;
}

/* Lives are short, but not that short; disks are slow. */
static const struct { const char *name; uint32_t one_in; } seldom[] = {
    {"cc_core_free", 4000}, {"cc_core_stop", 4000}, {"cc_core_new", 400}, {"cc_queue_free", 40}, {"cc_queue_new", 40},
    {"cc_queue_callback", 100}, {"cc_prompt_add", 40}, {"cc_records", 20}, {"cc_tap_open", 10}};

static const function *pick(void) {
  static const size_t count = sizeof functions / sizeof *functions - 1;
  for (;;) {
    const function *it = &functions[dice((uint32_t)count)];
    uint32_t one_in = 1;
    for (size_t i = 0; i < sizeof seldom / sizeof *seldom; i++)
      if (!strcmp(seldom[i].name, it->name)) one_in = seldom[i].one_in;
    if (dice(one_in) == 0) return it;
  }
}

static int place_of(int slot, cc_id it) {
  (void)slot, (void)it;
  return (int)dice(CALLS);
}

static void *monkey(void *number) {
  uint64_t digest = 14695981039346656037u;
  dice_state = (uint64_t)(uintptr_t)number;
  prepare(flags);
  for (long i = 0; i < calls_each; i++) step(&digest);
  atomic_fetch_add(&failed, (unsigned long)failures);
  atomic_fetch_add(&done, (unsigned long)calls_each);
  free(sized);
  return (void *)(uintptr_t)digest;
}

int main(int argc, char **argv) {
  pthread_t threads[64];
  const long count = argc > 4 ? atol(argv[4]) : 1;
  const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
  uint64_t digest = 0;
  flags = argc > 1 && !strcmp(argv[1], "virtual") ? CC_VIRTUAL_TIME : 0;
  calls_each = (argc > 3 ? atol(argv[3]) : 1000) / count;
  situation = "at random";
  prepare(flags);
  fill(SLOTS);
  for (long i = 0; i < count; i++) pthread_create(&threads[i], NULL, monkey, (void *)(uintptr_t)(seed * 0x9E3779B97F4A7C15u + (uint64_t)i + 1));
  for (long i = 0; i < count; i++) {
    void *one = NULL;
    pthread_join(threads[i], &one);
    digest ^= (uint64_t)(uintptr_t)one;
  }
  clear();
  printf("%lu calls, %lu events, digest %016llx, %lu failures\n", done, seen, (unsigned long long)digest, failed);
  return failed != 0;
}
