/* breaks 26: a refused command completes all the same */
#define FAULT_DONE_REFUSED 1
#include "base.c"
