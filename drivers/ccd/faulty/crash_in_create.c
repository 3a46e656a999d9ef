/* breaks 13: create ends the process */
#define FAULT_CREATE(d) abort()
#include "base.c"
