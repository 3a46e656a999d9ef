/* Every function with every wrong value, one at a time, in every state of a core, and in a forked process:
 *   every virtual|real      0 when each of them is what rows.rs says, and the process lives
 */
#include "functions.h"

static const int good[PARAMETERS] = {-1, -1, -1, -1, -1, -1};

static void all_good(const char *what, const char *with_core) {
  situation = what;
  for (const function *it = functions; it->name; it++) {
    /* in this state they would change it */
    if (!strcmp(it->name, "cc_core_free") || !strcmp(it->name, "cc_queue_free") || !strcmp(it->name, "cc_core_start")) continue;
    run(it, good, it->has_core ? with_core : "any");
    cc_queue_free(new_queue), cc_core_free(new_core);
    new_queue = NULL, new_core = NULL;
  }
}

static void each_wrong_value(uint32_t flags) {
  for (const function *it = functions; it->name; it++) {
    situation = "started";
    begin(flags, 1);
    for (int place = 0; place < it->parameters; place++)
      for (int value = 0; value < it->wrongs[place]; value++) {
        int wrong[PARAMETERS] = {-1, -1, -1, -1, -1, -1};
        /* real time has no virtual time to ask about */
        const int is_elsewhere = !flags && !strncmp(it->name, "cc_sim_", 7) && strcmp(it->name, "cc_sim_act");
        wrong[place] = value;
        run(it, wrong, is_elsewhere && place ? "refused" : it->then[place][value]);
        cc_queue_free(new_queue), cc_core_free(new_core);
        new_queue = NULL, new_core = NULL;
      }
    run(it, good, "any");
    end();
  }
}

static void in_a_forked_process(uint32_t flags) {
  int status = 0;
  situation = "forked";
  begin(flags, 1);
  fflush(NULL);
  const pid_t child = fork();
  if (child == 0) {
    failures = 0;
    for (const function *it = functions; it->name; it++) run(it, good, it->after_fork ? "any" : "FORKED");
    _exit(failures ? 1 : 0);
  }
  if (waitpid(child, &status, 0) != child || status != 0) failures++, fprintf(stderr, "the forked process has ended with %x\n", status);
  /* and the one that has the core goes on */
  must("an agent", cc_agent_set(core, "anna", "login", NULL, NULL));
  end();
}

int main(int argc, char **argv) {
  const uint32_t flags = argc > 1 && !strcmp(argv[1], "virtual") ? CC_VIRTUAL_TIME : 0;
  each_wrong_value(flags);
  begin(flags, 0);
  all_good("before the start", "any");
  end();
  begin(flags, 1);
  must("the stop", cc_core_stop(core, 0));
  all_good("after the stop", "any");
  end();
  begin(flags, 1);
  cc_core_free(core);
  all_good("after it was freed", "GONE");
  end();
  in_a_forked_process(flags);
  printf("%d failures\n", failures);
  return failures != 0;
}
