/* breaks 20: a capability without its function */
#define FAULT_CAPS CCD_CAP(CCD_CAPB_HOLD)
#include "base.c"
