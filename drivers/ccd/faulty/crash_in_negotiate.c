/* breaks 6: negotiation ends the process */
#define FAULT_NEGOTIATE abort()
#include "base.c"
