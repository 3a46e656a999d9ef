/* breaks 47: silence is 0, whatever the law */
#define FAULT_IDLE(code) 0
#include "base.c"
