/* breaks 20: a capability without its function */
#define FAULT_CAPS(caps) ((caps) | CCD_CAP(CCD_CAPB_HOLD))
#include "base.c"
