/* breaks 13: each create leaves memory behind */
#define FAULT_CREATE(d) memset(malloc(100000), 1, 100000)
#include "base.c"
