/* breaks 3: a thread is started when the library is loaded */
#include <pthread.h>
#include <time.h>
static void *early(void *arg) {
  (void)arg;
  for (;;) nanosleep(&(struct timespec){60, 0}, NULL);
  return NULL;
}
__attribute__((constructor)) static void at_load(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, early, NULL);
}
#include "base.c"
