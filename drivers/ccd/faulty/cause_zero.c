/* breaks 37: calls end with cause 0 */
#define FAULT_CAUSE(q850) ((q850) * 0)
#include "base.c"
