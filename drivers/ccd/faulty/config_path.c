/* breaks 25: a wrong setting is not named */
#define FAULT_CONFIG_PATH(path) "configuration"
#include "base.c"
