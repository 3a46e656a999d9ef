/* Calls functions at random, with values that are right for the most part:
 *   monkey virtual|real SEED CALLS THREADS      prints a digest of all statuses; with one thread in virtual time it is the seed's own
 * 0 when every status is one of the header's and none is a fault of the library.
 */
#include "functions.h"

enum { SLOTS = 3, CALLS = 32 };

/* What the threads share: some cores, the newest queue and calls of each. */
static struct {
  _Atomic(cc_core *) core, freed;
  _Atomic(cc_queue *) queue, freed_queue;
  _Atomic cc_id calls[CALLS], tap;
} slots[SLOTS];
static uint32_t flags;
static long calls_each;
static atomic_ulong failed, done, seen;

own uint64_t dice_state;
static uint32_t dice(uint32_t sides) { /* xorshift64* */
  dice_state ^= dice_state >> 12, dice_state ^= dice_state << 25, dice_state ^= dice_state >> 27;
  return (uint32_t)((dice_state * 2685821657736338717u) >> 32) % sides;
}

/* Lives are short, but not that short; disks are slow. */
static const struct { const char *name; uint32_t one_in; } seldom[] = {
    {"cc_core_free", 4000}, {"cc_core_stop", 4000}, {"cc_core_new", 400}, {"cc_queue_free", 40}, {"cc_queue_new", 40},
    {"cc_queue_callback", 100}, {"cc_prompt_add", 40}, {"cc_records", 20}, {"cc_tap_open", 10}};

/* What people do meanwhile; much of it is refused, as they are busy or not there. */
static const char *const acts[] = {
    "channel 0 calls 8000 from 13800000000", "channel 1 calls 8000 from 13900000000", "channel 0 hangs up", "channel 1 hangs up",
    "channel 0 digit 1", "channel 1 digits 23#", "channel 0 answers", "channel 1 answers", "channel 2 answers", "channel 2 hangs up",
    "channel 2 rejects", "channel 0 holds", "channel 0 retrieves", "channel 2 calls 8000"};

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

static void learn(int slot, size_t got) {
  for (size_t at = 0; at < got; at += ((cc_event *)(room + at))->size) {
    const cc_event *event = (cc_event *)(room + at);
    if (event->size < sizeof *event || event->size % 8 || at + event->size > got) failures++;
    if (event->call) slots[slot].calls[dice(CALLS)] = event->call;
    atomic_fetch_add(&seen, 1);
  }
}

/* What was made takes the place of what was there, which is freed. */
static void keep(int slot) {
  if (new_core) {
    cc_core *old = atomic_exchange(&slots[slot].core, new_core);
    slots[slot].freed = old;
    cc_core_free(old);
    cc_core_start(new_core);
  }
  if (new_queue) {
    cc_queue *old = atomic_exchange(&slots[slot].queue, new_queue);
    slots[slot].freed_queue = old;
    cc_queue_free(old);
  }
  if (tap_id) slots[slot].tap = tap_id;
}

static void step(uint64_t *digest) {
  const int slot = (int)dice(SLOTS);
  const function *it = pick();
  int wrong[PARAMETERS];
  core = slots[slot].core, freed_core = slots[slot].freed, queue = slots[slot].queue, freed_queue = slots[slot].freed_queue;
  call = slots[slot].calls[dice(CALLS)], ended_call = slots[slot].calls[dice(CALLS)], tap_id = slots[slot].tap;
  new_core = NULL, new_queue = NULL, need = 0;
  for (int i = 0; i < PARAMETERS; i++) wrong[i] = i < it->parameters && it->wrongs[i] && dice(8) == 0 ? (int)dice((uint32_t)it->wrongs[i]) : -1;
  if (dice(4) == 0) cc_sim_act(core, "sim", acts[dice(sizeof acts / sizeof *acts)]);
  const cc_status status = run(it, wrong, "any");
  if (!strcmp(it->name, "cc_queue_read") && status == CC_OK) learn(slot, wrong[3] < 0 ? need : 0);
  keep(slot);
  *digest = (*digest ^ (uint64_t)(uint32_t)status) * 1099511628211u;
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
  for (int slot = 0; slot < SLOTS; slot++) {
    cc_core_new(&params, &new_core);
    cc_queue_new(new_core, slot ? NULL : "{\"facts\":true}", 1 << 16, &new_queue);
    keep(slot);
    cc_sim_act(new_core, "sim", "channel 0 calls 8000 from 13800000000");
  }
  for (long i = 0; i < count; i++) pthread_create(&threads[i], NULL, monkey, (void *)(uintptr_t)(seed * 0x9E3779B97F4A7C15u + (uint64_t)i + 1));
  for (long i = 0; i < count; i++) {
    void *one = NULL;
    pthread_join(threads[i], &one);
    digest ^= (uint64_t)(uintptr_t)one;
  }
  for (int slot = 0; slot < SLOTS; slot++) cc_core_free(slots[slot].core), cc_queue_free(slots[slot].queue);
  printf("%lu calls, %lu events, digest %016llx, %lu failures\n", done, seen, (unsigned long long)digest, failed);
  return failed != 0;
}
