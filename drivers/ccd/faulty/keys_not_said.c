/* breaks 20: keys are sent by channels that do not say so */
#define FAULT_CAPS(caps) ((caps) & ~CCD_CAP(CCD_CAPB_DTMF_TX))
#include "base.c"
