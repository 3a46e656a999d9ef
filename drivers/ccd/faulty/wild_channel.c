/* breaks 19 in 26: an event of a channel that does not exist */
#define FAULT_COPIES(e) ((e)->type == CCD_EV_CONNECTED ? ((e)->chan = 99, 1) : 1)
#include "base.c"
