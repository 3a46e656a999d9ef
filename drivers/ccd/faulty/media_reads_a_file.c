/* breaks 49: a media call opens a file */
#define FAULT_EXCHANGE(b, t) do { FILE *f = fopen("/proc/uptime", "r"); if (f) fclose(f); } while (0)
#include "base.c"
