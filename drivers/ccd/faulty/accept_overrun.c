/* breaks 7: more is written than there is room for */
#define FAULT_SHORT(is_short) 0
#include "base.c"
