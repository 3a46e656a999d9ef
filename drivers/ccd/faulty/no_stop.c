/* breaks 20: a device cannot be stopped */
#define FAULT_STOP(function) NULL
#include "base.c"
