/* One call after the other, with values that are right for the most part; who includes this says what chooses. */
#include "functions.h"

enum { SLOTS = 3, CALLS = 32 };

/* What the threads share: some cores, the newest queue and calls of each. */
static struct {
  _Atomic(cc_core *) core, freed;
  _Atomic(cc_queue *) queue, freed_queue;
  _Atomic cc_id calls[CALLS], tap;
} slots[SLOTS];
static uint32_t flags;
static atomic_ulong seen;

/* Less than `sides`. */
static uint32_t dice(uint32_t sides);
/* Which function is called. */
static const function *pick(void);
/* The place among a slot's calls of one that an event has named. */
static int place_of(int slot, cc_id it);

/* What people do meanwhile; much of it is refused, as they are busy or not there. */
static const char *const acts[] = {
    "channel 0 calls 8000 from 13800000000", "channel 1 calls 8000 from 13900000000", "channel 0 hangs up", "channel 1 hangs up",
    "channel 0 digit 1", "channel 1 digits 23#", "channel 0 answers", "channel 1 answers", "channel 2 answers", "channel 2 hangs up",
    "channel 2 rejects", "channel 0 holds", "channel 0 retrieves", "channel 2 calls 8000"};

static void learn(int slot, size_t got) {
  for (size_t at = 0; at < got; at += ((cc_event *)(room + at))->size) {
    const cc_event *event = (cc_event *)(room + at);
    if (event->size < sizeof *event || event->size % 8 || at + event->size > got) failures++;
    if (event->call) slots[slot].calls[place_of(slot, event->call)] = event->call;
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

/* A core in each of the first slots, with somebody who calls. */
static void fill(int count) {
  for (int slot = 0; slot < count; slot++) {
    cc_core_new(&params, &new_core);
    cc_queue_new(new_core, slot ? NULL : "{\"facts\":true}", 1 << 16, &new_queue);
    keep(slot);
    cc_sim_act(new_core, "sim", "channel 0 calls 8000 from 13800000000");
  }
}

static void clear(void) {
  for (int slot = 0; slot < SLOTS; slot++) cc_core_free(slots[slot].core), cc_queue_free(slots[slot].queue);
}
