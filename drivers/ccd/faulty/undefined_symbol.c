/* breaks 1: a function that no library has */
int vendor_sdk_open(void);
#define FAULT_CREATE(d) vendor_sdk_open()
#include "base.c"
