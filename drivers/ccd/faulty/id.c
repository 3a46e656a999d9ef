/* breaks 9: the id is a name, not reverse DNS */
#define FAULT_ID "Base Board"
#include "base.c"
