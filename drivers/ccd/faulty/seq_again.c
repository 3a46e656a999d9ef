/* breaks 30: the numbers begin again with start */
#define FAULT_START(b) ((b)->seq = 0)
#include "base.c"
