/* breaks 68: drop takes three seconds */
#define FAULT_SLOW_DROP nanosleep(&(struct timespec){3, 0}, NULL)
#include "base.c"
