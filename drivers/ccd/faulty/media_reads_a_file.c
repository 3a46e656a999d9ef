/* breaks 49: a media call opens a file */
#include <fcntl.h>
#define FAULT_EXCHANGE(b, t) close(open("/proc/uptime", O_RDONLY))
#include "base.c"
