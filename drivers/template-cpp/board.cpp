// board.cpp - a driver to begin with: lines that exist only here.  From time to time somebody calls in, hears their own voice once answered,
// and hangs up after a while; calls out are answered after a second.  Put your library's calls where it says BOARD.
// Settings: ring_every_ms (5000; 0: nobody calls).
// There is no thread here: the host calls exchange every 20 ms, and all events of calls are posted there.  Commands only note what is wanted.
#include "callcore_driver.hpp"
#include <array>

namespace {

constexpr ccd_chan CHANNELS = 4;
constexpr uint64_t MS = 1000000;

enum class state { idle, offered, calling, answered, up, cleared, dropped };
struct line {
  ccd_call call = 0;
  state at = state::idle;
  uint16_t cause = 0;
  uint64_t due = 0;
};

class board final : public ccd::device {
public:
  explicit board(ccd::host &host) : host_(host), ring_every_(host.setting("ring_every_ms", 5000, 0, 86400000) * MS) {}

  ccd_channel_info channel(ccd_chan ch) const override {
    ccd_channel_info info{};
    info.kind = CCD_KIND_BEARER, info.signalling = CCD_SIG_PRI_USER, info.timeslot = ch + 1, info.codecs = info.law = CCD_LAW_A;
    info.caps = CCD_CAP(CCD_CAPB_ANSWER_SUPERVISION) | CCD_CAP(CCD_CAPB_DISCONNECT_SUPERVISION) | CCD_CAP(CCD_CAPB_CALLER_ID_RX);
    return info;
  }
  void start(const ccd::pool &) override {
    lines_ = {};
    next_ring_ = host_.now_ns() + ring_every_;
    started_ = true;
  }
  void stop() noexcept override {
    const std::lock_guard lock(mutex_);
    started_ = false;
  }

  void make(ccd_chan ch, ccd_call call, const ccd_make &make) override { // BOARD: dial; give up after make.timeout_ms, with 19
    const std::lock_guard lock(mutex_);
    if (lines_[ch].at != state::idle) throw ccd::error(CCD_E_BUSY, "the channel has a call");
    const bool gives_up = make.timeout_ms && make.timeout_ms < 1000;
    lines_[ch] = {call, state::calling, uint16_t(gives_up ? 19 : 0), host_.now_ns() + (gives_up ? make.timeout_ms : 1000) * MS};
  }
  void answer(ccd_call call) override { // BOARD: answer
    const std::lock_guard lock(mutex_);
    line &l = find(call);
    if (l.at != state::offered) throw ccd::error(CCD_E_STATE, "the call is not waiting for an answer");
    l.at = state::answered;
  }
  void drop(ccd_call call, uint16_t cause) override { // BOARD: hang up
    const std::lock_guard lock(mutex_);
    line &l = find(call);
    l.at = state::dropped, l.cause = cause;
  }
  void exchange(ccd::tick &tick) noexcept override {
    const std::lock_guard lock(mutex_);
    for (ccd_chan ch = 0; started_ && ch < CHANNELS; ch++) {
      step(ch, host_.now_ns());
      if (!tick.active(ch) || !tick.tx(ch)) continue;
      std::memcpy(tick.rx(ch), tick.tx(ch), tick.samples()); // BOARD: send tx, fetch rx
      tick.heard(ch);
    }
  }

private:
  line &find(ccd_call call) {
    for (line &l : lines_) if (l.call == call) return l;
    throw ccd::error(CCD_E_GONE, "there is no such call");
  }
  // What happens by itself.  BOARD: ask your library here, or post from its callbacks with the lock held.
  void step(ccd_chan ch, uint64_t now) noexcept {
    line &l = lines_[ch];
    if (l.at == state::idle && ring_every_ && now >= next_ring_) {
      ccd_ev_incoming in{};
      ccd::fill(in.called, "8000"), ccd::fill(in.calling, "13800000000"), in.complete = 1;
      if (!host_.post(in, CCD_EV_INCOMING, ch, 2 * calls_ + 1)) return; // full: again with the next frame
      l = {2 * calls_++ + 1, state::offered, 0, 0}, next_ring_ = now + ring_every_;
    } else if (l.at == state::calling && now >= l.due && !l.cause) {
      l.at = state::answered;
    } else if (l.at == state::answered) {
      ccd_ev_connected up{};
      up.supervision = CCD_SUP_SIGNALLED;
      if (host_.post(up, CCD_EV_CONNECTED, ch, l.call)) l.at = state::up, l.due = now + 3000 * MS;
    } else if ((l.at == state::up || l.at == state::calling) && now >= l.due) {
      if (over(CCD_EV_DISCONNECTED, ch, l.cause ? l.cause : 16)) l.at = state::cleared;
    } else if (l.at == state::dropped && over(CCD_EV_RELEASED, ch, l.cause)) {
      l = {};
    }
  }
  bool over(uint16_t type, ccd_chan ch, uint16_t cause) noexcept {
    ccd_ev_disconnected e{};
    e.q850 = cause, e.how = CCD_HOW_SIGNALLED;
    return host_.post(e, type, ch, lines_[ch].call);
  }

  ccd::host &host_;
  uint64_t ring_every_, next_ring_ = 0, calls_ = 0;
  bool started_ = false;
  std::mutex mutex_; // held only for moments
  std::array<line, CHANNELS> lines_{};
};

struct driver {
  static constexpr const char *id = "com.example.NAME", *name = "NAME", *vendor = "Example", *version = "0.1", *schema = nullptr;
  explicit driver(ccd::host &) {}
  std::vector<ccd_device_info> enumerate() {
    ccd_device_info info{};
    info.channels = CHANNELS, info.paced_by = CCD_PACED_BY_HOST;
    ccd::fill(info.uid, "1"), ccd::fill(info.model, "NAME");
    return {info};
  }
  std::unique_ptr<ccd::device> open(const char *, ccd::host &host) { return std::make_unique<board>(host); }
};

} // namespace
CCD_EXPORT_DRIVER(driver)
