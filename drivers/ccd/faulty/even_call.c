/* breaks 27: a call of the driver's own has an even number */
#define FAULT_CALL_ID(call) ((call) + 1)
#include "base.c"
