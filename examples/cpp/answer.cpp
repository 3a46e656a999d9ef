// answer [CONFIG [CALLS]] - answers each call that is the program's, says welcome, and hangs up; ends after so many calls, or with Ctrl-C.
// With examples/answer.toml real SIP calls; without a configuration a simulated person calls once.
#include <callcore.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>
using namespace std::chrono_literals;

static volatile std::sig_atomic_t is_over;

// Calls end whenever they like: a command that comes too late is refused, said, and no reason to stop.
static void complain(const callcore::result<callcore::request> &given) {
  if (!given) std::cerr << "answer: " << given.error().text() << '\n';
}

static long on_event(callcore::core &core, const callcore::event &event) {
  switch (event.type()) {
    case CC_EV_OFFERED: std::cout << event.text() << " calls" << std::endl, complain(core.answer(event.call())); break;
    case CC_EV_ANSWERED: std::cout << "answered" << std::endl, complain(core.play(event.call(), "welcome")); break;
    case CC_EV_PLAY_DONE: std::cout << "the welcome is over" << std::endl, complain(core.drop(event.call(), 16)); break;
    case CC_EV_ENDED: std::cout << "the call has ended with cause " << event.cause() << std::endl; return 1;
  }
  return 0;
}

int main(int argc, char **argv) {
  std::signal(SIGINT, [](int) { is_over = 1; });
  std::signal(SIGTERM, [](int) { is_over = 1; });
  auto made = argc > 1 ? callcore::core::from_file(argv[1]) : callcore::core::create();
  if (!made) return std::cerr << "answer: " << made.error().text() << '\n', 1;
  auto &core = *made;
  auto queue = core.events().value();
  if (auto started = core.start(); !started) return std::cerr << "answer: " << started.error().text() << '\n', 1;
  if (argc < 2) core.act("sim", "channel 0 calls 8000 from 13800000000").value();
  std::cout << "waiting for calls" << std::endl;
  const long calls = argc > 2 ? std::atol(argv[2]) : argc > 1 ? -1 : 1;
  for (long ended = 0; !is_over && ended != calls;)
    for (auto &event : queue.read(1s)) {
      ended += on_event(core, event);
      if (is_over || ended == calls) break;
    }
  core.stop(1s).value();
}
