/* breaks 28: RELEASED never comes */
#define FAULT_DROP_EVENT(e) ((e)->type == CCD_EV_RELEASED)
#include "base.c"
