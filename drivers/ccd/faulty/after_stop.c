/* breaks 22: the host is called after stop */
#define FAULT_THREAD_END(b) do { nanosleep(&(struct timespec){0, 60 * 1000 * 1000}, NULL); (b)->host.now_ns((b)->host.ctx); } while (0)
#define FAULT_JOIN(b) pthread_detach((b)->thread)
#define FAULT_FREE(b) (void)(b)
#include "base.c"
