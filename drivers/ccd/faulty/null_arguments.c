/* breaks 8: NULL is not looked for */
#define FAULT_NULL(is_null) 0
#include "base.c"
