/* breaks 71: the driver writes to stdout */
#define FAULT_CREATE(d) (printf("base: created\n"), fflush(stdout))
#include "base.c"
