/* breaks 41: replay says nothing of a call */
#define FAULT_REPLAY_STATE(state) ((void)(state), IDLE)
#include "base.c"
