/* breaks 16: enumerate has no end */
#define FAULT_LAST(index) 0
#include "base.c"
