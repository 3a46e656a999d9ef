/* breaks 38: hang-ups are signalled, it is said, and the host hears of none */
#define FAULT_DROP_EVENT(e) ((e)->type == CCD_EV_DISCONNECTED)
#include "base.c"
