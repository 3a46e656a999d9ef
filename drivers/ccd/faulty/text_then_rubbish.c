/* breaks 31: after its NUL a text has what was in the memory before */
#define FAULT_INCOMING(e) memset((e).calling + 8, 'x', sizeof (e).calling - 9)
#include "base.c"
