/* breaks 27: the far end rings after it has answered */
#define FAULT_COPIES(e) ((e)->type == CCD_EV_ALERTING ? ((e)->type = CCD_EV_CONNECTED, 1) : (e)->type == CCD_EV_CONNECTED ? ((e)->type = CCD_EV_ALERTING, 1) : 1)
#include "base.c"
