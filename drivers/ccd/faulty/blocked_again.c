/* breaks 60: BLOCKED comes though nothing has changed */
#define FAULT_BLOCKED_CHANGED(changed) ((void)(changed), 1)
#include "base.c"
