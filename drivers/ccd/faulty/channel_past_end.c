/* breaks 19: a channel that does not exist is described */
#define FAULT_CHANNELS(n) ((n) + 1)
#include "base.c"
