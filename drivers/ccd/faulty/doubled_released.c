/* breaks 28: RELEASED comes twice */
#define FAULT_COPIES(e) ((e)->type == CCD_EV_RELEASED ? 2 : 1)
#include "base.c"
