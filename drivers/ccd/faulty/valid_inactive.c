/* breaks 43: rx_valid is set for channels that are off */
#define FAULT_EXCHANGE(b, t) (t)->rx_valid[0] = ~(uint64_t)0
#include "base.c"
