/* breaks 43: a media call reads address 0 */
#define FAULT_EXCHANGE(b, t) (void)*(volatile int *)(t)->frame
#include "base.c"
