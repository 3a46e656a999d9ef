/* breaks 70: the offer of a helper process is refused */
#define FAULT_OFFER(offer) ((offer)->flags & CCD_OFFER_OUT_OF_PROCESS)
#include "base.c"
