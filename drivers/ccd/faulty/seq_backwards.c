/* breaks 30: the numbers run backwards */
#define FAULT_SEQ(seq) (1000000 - (seq))
#include "base.c"
