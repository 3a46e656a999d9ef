/* breaks 56: callers are shown, it is said, and none is */
#define FAULT_INCOMING(e) memset((e).calling, 0, sizeof (e).calling)
#include "base.c"
