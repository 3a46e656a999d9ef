/* breaks 20: keys can be sent, it is said, and on no channel they can */
#define FAULT_KEYS_UNSUPPORTED 1
#include "base.c"
