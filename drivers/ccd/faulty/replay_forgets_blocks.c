/* breaks 60: replay says nothing of a channel that is blocked */
#define FAULT_REPLAY_BLOCKED(blocked) ((void)(blocked), 0)
#include "base.c"
