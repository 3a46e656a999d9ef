// A simulated caller rings, is answered, presses 1 and hears the music of a queue; nothing but this file and libcallcore is needed.
#include <callcore.hpp>
#include <iostream>
using namespace std::chrono_literals;

int main() {
  auto core = callcore::core::create({}, CC_VIRTUAL_TIME).value();
  auto queue = core.events().value();
  core.start().value();
  core.act("sim", "channel 0 calls 8000 from 13800000000").value();
  for (auto &event : queue.read(5s)) switch (event.type()) {
    case CC_EV_OFFERED: std::cout << event.text() << " rings\n", core.answer(event.call()).value(); break;
    case CC_EV_ANSWERED: std::cout << "answered\n", core.act("sim", "channel 0 digit 1").value(); break;
    case CC_EV_DIGIT: std::cout << "pressed " << event.text() << '\n', core.send(event.call(), "queue:support").value(); break;
    case CC_EV_SENT: std::cout << "waits in the queue\n"; break;
  }
}
