/* breaks 31: padding is not zero */
#define FAULT_INCOMING(e) ((e).pad = 7)
#include "base.c"
