/* breaks 43: a slot is written past its frame and past its stride */
#define FAULT_SLOT(rx, bytes, stride) memset(rx, 0x11, (stride) + 8)
#include "base.c"
