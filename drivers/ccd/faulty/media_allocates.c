/* breaks 49: a media call allocates */
static void *kept;
#define FAULT_EXCHANGE(b, t) (free(kept), kept = malloc(64 + (t)->frame % 64))
#include "base.c"
