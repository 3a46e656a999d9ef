/* breaks 15: a board is opened twice */
#define FAULT_IS_OPEN(is_open) 0
#include "base.c"
