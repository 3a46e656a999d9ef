/* breaks 26: making a call ends the process */
#define FAULT_MAKE(b, ch) abort()
#include "base.c"
