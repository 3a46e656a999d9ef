/* A core in real time that is stopped while a telephone rings which nobody answers: prints what is told of its call. */
#define _GNU_SOURCE
#include <callcore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(cc_status status, const char *what) {
  char words[512] = "";
  if (status == CC_OK) return;
  cc_last_error(words, sizeof words);
  fprintf(stderr, "%s: %s: %s\n", what, cc_status_name(status), words);
  exit(1);
}

int main(void) {
  const char *config = "extension_ring_ms=1000\n[[device]]\nname='sim'\ndriver='sim'\nconfig={trunks=1,extensions=1,people='manual'}\n"
                       "[[extension]]\nnumber='1001'\nname='Anna'\ndevice='sim'\nchannel=1\n";
  const cc_core_params params = {sizeof params, CC_ABI, config, NULL, 0, 0};
  const cc_make make = {sizeof make, 0, "extension:1001", NULL, 77};
  static union { cc_event first; char bytes[1 << 16]; } space;
  cc_core *core = NULL;
  cc_queue *queue = NULL, *ledger = NULL;
  size_t got = 0;
  must(cc_core_new(&params, &core), "the core");
  must(cc_queue_new(core, "{\"events\":[3,26,31]}", 0, &queue), "a queue");
  must(cc_queue_new(core, "{\"events\":[],\"facts\":true}", 0, &ledger), "another");
  must(cc_core_start(core), "the start");
  must(cc_call_make(core, &make, NULL), "the call");
  /* an hour, if it did not see that the last call is over */
  must(cc_core_stop(core, 3600000), "the stop");
  must(cc_queue_read(queue, &space, sizeof space, &got, 0), "events");
  for (size_t at = 0; at < got; at += ((cc_event *)(space.bytes + at))->size) {
    const cc_event *event = (cc_event *)(space.bytes + at);
    printf("event %u, cause %u, tag %llu\n", event->type, event->cause, (unsigned long long)event->user);
  }
  /* who made a queue before the start is told of everything */
  must(cc_queue_read(ledger, &space, sizeof space, &got, 0), "facts");
  const char *seq = got > 0 ? strstr(space.bytes + space.first.json_off, "\"seq\":") : NULL;
  printf("the first fact is %.7s\n", seq ? seq : "not there");
  cc_queue_free(ledger);
  cc_queue_free(queue);
  cc_core_free(core);
  return 0;
}
