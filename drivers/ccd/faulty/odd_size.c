/* breaks 31: the size of an event is not a multiple of 8 */
#define FAULT_COPIES(e) ((e)->type == CCD_EV_CONNECTED ? ((e)->size += 3, 1) : 1)
#include "base.c"
