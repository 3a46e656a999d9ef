// A call centre in virtual time: people call, the program sends them into a queue, two agents talk with them; in the end, what has happened how often.
#include <callcore.hpp>
#include <iostream>
#include <map>
#include <string>
using namespace std::chrono_literals;

// Forty calls, one each minute, from people who wait as long as it takes and talk for a minute and a half.
static constexpr std::string_view config = R"(
[[device]]
name = "sim"
driver = "sim"
config = { trunks = 30, extensions = 2, arrivals_per_hour = 60, arrivals_total = 40, patience_ms = 3600000, talk_ms = 90000 }
[[trunk_group]]
name = "city"
device = "sim"
channels = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29]
[[extension]]
number = "1001"
name = "Anna"
device = "sim"
channel = 30
[[extension]]
number = "1002"
name = "Ben"
device = "sim"
channel = 31
[[agent]]
id = "anna"
name = "Anna"
extension = "1001"
queues = ["support"]
login = "manual"
[[agent]]
id = "ben"
name = "Ben"
extension = "1002"
queues = ["support"]
login = "manual"
[[queue]]
name = "support"
[[route]]
to = "application"
)";

int main() {
  auto core = callcore::core::create(config, CC_VIRTUAL_TIME).value();
  auto queue = core.events(R"({"facts":true})").value();
  core.start().value();
  for (const auto *agent : {"anna", "ben"}) core.agent(agent, "login").value();

  std::map<std::string, int, std::less<>> counted;
  for (auto &event : queue.read(1h)) {
    if (event.type() == CC_EV_OFFERED) core.send(event.call(), "queue:support").value();
    if (event.type() == CC_EV_FACT) counted[std::string(event.text())]++;
  }
  for (const auto *fact : {"arrived", "queued", "bridged", "ended"}) std::cout << fact << ' ' << counted[fact] << '\n';
}
