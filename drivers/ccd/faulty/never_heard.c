/* breaks 74: rx_valid is never set */
#define FAULT_HEARD(bit) ((bit) * 0)
#include "base.c"
