/* breaks 31: digits are numbers, not characters */
#define FAULT_DIGIT(digit) ((uint8_t)((digit) - '0'))
#include "base.c"
