/* breaks 64: conferences are said to be there, and nothing makes one */
#define FAULT_CAPS(caps) ((caps) | CCD_CAP(CCD_CAPB_CONF))
#include "base.c"
