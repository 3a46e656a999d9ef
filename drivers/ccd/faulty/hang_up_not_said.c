/* breaks 38: hang-ups are signalled on channels that do not say so */
#define FAULT_CAPS(caps) ((caps) & ~CCD_CAP(CCD_CAPB_DISCONNECT_SUPERVISION))
#include "base.c"
