/* breaks 48: a media call sleeps for half a frame */
#define FAULT_EXCHANGE(b, t) nanosleep(&(struct timespec){0, 12 * 1000 * 1000}, NULL)
#include "base.c"
