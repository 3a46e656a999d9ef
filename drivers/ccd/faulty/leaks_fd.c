/* breaks 13: each create leaves a socket open */
#define FAULT_CREATE(d) socket(AF_UNIX, SOCK_STREAM, 0)
#include "base.c"
