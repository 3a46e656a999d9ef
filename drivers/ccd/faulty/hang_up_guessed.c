/* breaks 38: hang-ups are signalled, it is said, and they are heard by their tone */
#define FAULT_HOW(how) CCD_HOW_TONE
#include "base.c"
