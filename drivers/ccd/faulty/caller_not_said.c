/* breaks 20 in 27: callers are shown by channels that do not say so */
#define FAULT_CAPS(caps) ((caps) & ~CCD_CAP(CCD_CAPB_CALLER_ID_RX))
#include "base.c"
