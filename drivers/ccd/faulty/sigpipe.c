/* breaks 71: the driver changes what SIGPIPE does */
#define FAULT_CREATE(d) signal(SIGPIPE, SIG_DFL)
#include "base.c"
