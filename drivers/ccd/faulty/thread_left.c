/* breaks 23: a thread of the driver outlives it */
#include <pthread.h>
#include <time.h>
static void *stay(void *arg) {
  (void)arg;
  for (;;) nanosleep(&(struct timespec){60, 0}, NULL);
  return NULL;
}
#define FAULT_CREATE(d) do { pthread_t left; pthread_create(&left, NULL, stay, NULL), pthread_detach(left); } while (0)
#include "base.c"
