/* breaks 31: an event is longer than 4096 bytes */
#define FAULT_COPIES(e) ((e)->type == CCD_EV_CONNECTED ? ((e)->size = 8192, 1) : 1)
#include "base.c"
