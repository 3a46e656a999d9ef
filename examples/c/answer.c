/* answer [CONFIG [CALLS]] - answers each call that is the program's, says welcome, and hangs up; ends after so many calls, or with Ctrl-C.
 * With examples/answer.toml real SIP calls; without a configuration a simulated person calls once. */
#include <callcore.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static volatile sig_atomic_t is_over;

static void on_signal(int signal) {
  (void)signal;
  is_over = 1;
}

static int complain(const char *what) {
  char words[1024];
  cc_last_error(words, sizeof words);
  fprintf(stderr, "answer: %s: %s\n", what, words);
  return 1;
}

/* Calls end whenever they like: a command that comes too late is refused, said, and no reason to stop. */
static long on_event(cc_core *core, const cc_event *event) {
  const char *text = (const char *)event + event->text_off;
  cc_status status = CC_OK;
  switch (event->type) {
    case CC_EV_OFFERED:
      printf("%s calls\n", text);
      status = cc_call_answer(core, event->call, NULL);
      break;
    case CC_EV_ANSWERED:
      puts("answered");
      status = cc_play(core, event->call, "welcome", NULL);
      break;
    case CC_EV_PLAY_DONE:
      puts("the welcome is over");
      status = cc_call_drop(core, event->call, 16, NULL);
      break;
    case CC_EV_ENDED:
      printf("the call has ended with cause %u\n", event->cause);
      return 1;
    default: break;
  }
  if (status) complain(cc_status_name(status));
  return 0;
}

int main(int argc, char **argv) {
  cc_core_params params = {sizeof params, CC_ABI, NULL, argc > 1 ? argv[1] : NULL, 0, 0};
  const long calls = argc > 2 ? atol(argv[2]) : argc > 1 ? -1 : 1;
  static union { cc_event first; char bytes[65536]; } read;
  struct sigaction stop = {0};
  cc_core *core = NULL;
  cc_queue *queue = NULL;
  long ended = 0;
  stop.sa_handler = on_signal;
  sigaction(SIGINT, &stop, NULL);
  sigaction(SIGTERM, &stop, NULL);
  if (cc_core_new(&params, &core) || cc_queue_new(core, NULL, 0, &queue) || cc_core_start(core)) return complain("the core");
  if (argc < 2 && cc_sim_act(core, "sim", "channel 0 calls 8000 from 13800000000")) return complain("the person");
  puts("waiting for calls");
  fflush(stdout);
  while (!is_over && ended != calls) {
    struct pollfd ready = {(int)cc_queue_fd(queue), POLLIN, 0};
    size_t got = 0;
    poll(&ready, 1, 1000);
    if (cc_queue_read(queue, &read, sizeof read, &got, 0)) continue;
    for (size_t at = 0; at < got; at += ((cc_event *)(read.bytes + at))->size) ended += on_event(core, (cc_event *)(read.bytes + at));
    fflush(stdout);
  }
  if (cc_core_stop(core, 1000)) complain("the end");
  cc_queue_free(queue);
  cc_core_free(core);
  return 0;
}
