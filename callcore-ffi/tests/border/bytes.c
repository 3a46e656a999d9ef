/* Calls functions that bytes choose: for cargo-fuzz, and for files that were damaged. */
#include "steps.h"

static const uint8_t *next_byte, *bytes_end;

static uint32_t dice(uint32_t sides) { return next_byte == bytes_end ? 0 : *next_byte++ % sides; }

static const function *pick(void) { return &functions[dice(sizeof functions / sizeof *functions - 1)]; }

/* The first call is the first, so that bytes can name it. */
static int place_of(int slot, cc_id it) {
  int place = 0;
  while (place < CALLS - 1 && slots[slot].calls[place] && slots[slot].calls[place] != it) place++;
  return place;
}

/* How many of the calls found a fault of the library. */
int calls_of(const uint8_t *bytes, size_t len);
int calls_of(const uint8_t *bytes, size_t len) {
  uint64_t digest = 0;
  next_byte = bytes, bytes_end = bytes + len;
  situation = "chosen by bytes";
  failures = 0, flags = CC_VIRTUAL_TIME;
  memset(&slots, 0, sizeof slots);
  prepare(flags);
  fill(1);
  while (next_byte != bytes_end) step(&digest);
  clear();
  free(sized), sized = NULL;
  return failures;
}
