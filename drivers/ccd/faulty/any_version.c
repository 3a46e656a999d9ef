/* breaks 6: any version of the contract is accepted */
#define FAULT_VERSION(is_wrong) 0
#include "base.c"
