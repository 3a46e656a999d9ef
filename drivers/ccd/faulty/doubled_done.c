/* breaks 26: a completion comes twice */
#define FAULT_COPIES(e) ((e)->type == CCD_EV_DONE ? 2 : 1)
#include "base.c"
