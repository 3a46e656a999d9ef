/* breaks 17: an unknown extension is not NULL */
#define FAULT_UNKNOWN_EXTENSION "no"
#include "base.c"
