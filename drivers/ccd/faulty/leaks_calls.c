/* breaks 40: each call leaves memory behind */
static void *volatile kept;
#define FAULT_MAKE(b, ch) (kept = malloc(100))
#include "base.c"
