/* Makes and frees cores, and counts what is left: lives MADE STARTED prints threads, descriptors and bytes of the heap after a tenth, and after all. */
#include <callcore.h>
#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int entries(const char *folder) {
  int count = 0;
  DIR *open = opendir(folder);
  while (open && readdir(open)) count++;
  if (open) closedir(open);
  return count;
}

static int threads; /* at the start */

static void must(cc_status status, const char *what) {
  char words[512];
  if (status == CC_OK) return;
  cc_last_error(words, sizeof words);
  fprintf(stderr, "%s: %s: %s\n", what, cc_status_name(status), words);
  exit(1);
}

static void live(uint32_t flags, int is_started) {
  cc_core_params params = {sizeof params, CC_ABI, NULL, NULL, flags, 0};
  cc_core *core = NULL;
  cc_queue *queue = NULL, *early = NULL;
  must(cc_core_new(&params, &core), "cc_core_new");
  must(cc_queue_new(core, NULL, 0, &queue), "cc_queue_new");
  must(cc_queue_new(core, NULL, 0, &early), "cc_queue_new");
  if (is_started) {
    must(cc_core_start(core), "cc_core_start");
    must(cc_sim_act(core, "sim", "channel 0 calls 8000 from 13800000000"), "cc_sim_act");
  }
  cc_queue_free(early);
  cc_core_free(core);
  cc_queue_free(queue);
}

static void count(void) {
  /* a thread that was joined leaves the kernel's list a moment later */
  const struct timespec moment = {0, 10 * 1000 * 1000};
  for (int tries = 0; tries < 1000 && entries("/proc/self/task") > threads; tries++) nanosleep(&moment, NULL);
  malloc_trim(0);
  printf("%d %d %zu\n", entries("/proc/self/task"), entries("/proc/self/fd"), mallinfo2().uordblks);
}

int main(int argc, char **argv) {
  const int made = argc > 1 ? atoi(argv[1]) : 100, started = argc > 2 ? atoi(argv[2]) : 10;
  threads = entries("/proc/self/task");
  for (int tenth = 0; tenth < 10; tenth++) {
    for (int i = 0; i < made / 10; i++) live(i % 2 ? CC_VIRTUAL_TIME : 0, i % 4 == 1);
    for (int i = 0; i < started / 10; i++) live(0, 1);
    if (tenth == 0 || tenth == 9) count();
  }
  return 0;
}
