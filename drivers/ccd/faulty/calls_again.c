/* breaks 27: calls have the same numbers again after stop and start */
#define FAULT_START(b) ((b)->next_call = 1)
#include "base.c"
