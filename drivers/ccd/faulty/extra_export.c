/* breaks 2: more is exported than ccd_negotiate */
__attribute__((visibility("default"))) int base_debug_level = 3;
#include "base.c"
