/* breaks 70: the pool's descriptor is closed, which is the host's */
#define FAULT_POOL(m) ((m)->pool_fd >= 0 ? (void)close((int)(m)->pool_fd) : (void)0)
#include "base.c"
