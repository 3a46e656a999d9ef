/* breaks 26: a C++ exception leaves the driver (throws.cpp) */
void vendor_sdk_dial(void);
#define FAULT_MAKE(b, ch) vendor_sdk_dial()
#include "base.c"
