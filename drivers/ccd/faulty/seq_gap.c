/* breaks 30: every fifth number is left out */
#define FAULT_SEQ(seq) ((seq) + (seq) / 5)
#include "base.c"
