/* breaks 13: each create leaves memory behind */
static void *volatile kept;
#define FAULT_CREATE(d) (kept = malloc(100000))
#include "base.c"
