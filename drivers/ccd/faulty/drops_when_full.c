/* breaks 42: what the host has no room for is forgotten */
#define FAULT_FULL(status) ((void)(status), 0)
#include "base.c"
