/* breaks 31: a number fills its field, without a NUL */
#define FAULT_INCOMING(e) memset((e).calling, '5', sizeof (e).calling)
#include "base.c"
