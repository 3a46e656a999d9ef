/* breaks 14: any uid is opened */
#define FAULT_IS_UNKNOWN(is_unknown) 0
#include "base.c"
