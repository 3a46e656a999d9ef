/* breaks 21: commands are taken before start */
#define FAULT_STATE(is_wrong) 0
#include "base.c"
