/* breaks 30: events are stamped a second ahead */
#define FAULT_TIME(t_ns) ((t_ns) + 1000000000)
#include "base.c"
