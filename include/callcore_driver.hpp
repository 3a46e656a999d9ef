// callcore_driver.hpp - callcore_driver.h for C++17: derive from ccd::driver and ccd::device, and say CCD_EXPORT_DRIVER(your_driver) once.
//
// The wrapper keeps the rules of the contract: sizes, NULL, states, channel and call numbers, digits; events get their number, time and size;
// an accepted command gets its one DONE; an exception becomes CCD_E_INTERNAL (or the code of a ccd::error) with its text, and never
// crosses the border.  What is left is the telephony.  Nothing here needs a library; RTTI is not used.
#ifndef CALLCORE_DRIVER_HPP
#define CALLCORE_DRIVER_HPP
#include "callcore_driver.h"
#include <atomic>
#include <chrono>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace ccd {

// What a function of a driver throws to refuse: a CCD_E_* and words that say what, where, and what to do.
class error : public std::exception {
public:
  error(ccd_status code, std::string text, int64_t vendor_code = 0) : code(code), vendor_code(vendor_code), text_(std::move(text)) {}
  const char *what() const noexcept override { return text_.c_str(); }
  ccd_status code;
  int64_t vendor_code;
private:
  std::string text_;
};
[[noreturn]] inline void unsupported() { throw error(CCD_E_UNSUPPORTED, "this driver has no such function"); }

// Fills a fixed field of the contract: as much as fits, cut before a started UTF-8 character, always ended by a NUL.
template <size_t N> void fill(char (&field)[N], const char *text) noexcept {
  size_t length = 0;
  while (text && text[length] && length < N) length++;
  if (length == N) for (length = N - 1; length && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80;) length--;
  std::memset(field, 0, N);
  if (length) std::memcpy(field, text, length);
}
template <size_t N> void fill(char (&field)[N], const std::string &text) noexcept { fill(field, text.c_str()); }

// The host's services, for any thread.
class host {
public:
  explicit host(const ccd_host &raw) noexcept : raw_(raw) {}
  host(const host &) = delete;

  // Posts an event; `call` and `channel` go into its header.  false: the host is full, post it again later, or lose() it.
  // Does not allocate or block, so it may be called in exchange.
  template <class Event> bool post(Event event, uint16_t type, ccd_chan channel, ccd_call call = 0) noexcept {
    static_assert(sizeof(Event) % 8 == 0 && sizeof(Event) <= CCD_EVENT_MAX, "not an event");
    turn mine(busy_);
    if (uint64_t count = lost_.load()) {
      ccd_ev_lost lost{};
      lost.count = count;
      if (!send(reinterpret_cast<ccd_event &>(lost), sizeof lost, CCD_EV_LOST, CCD_NO_CHAN, 0)) return false;
      lost_ -= count;
    }
    return send(reinterpret_cast<ccd_event &>(event), sizeof event, type, channel, call);
  }
  void lose() noexcept { lost_++; }   // an event is given up; the host is told with the next one
  uint64_t now_ns() const noexcept { return raw_.now_ns(raw_.ctx); }
  void log(int level, const char *text, const char *target = "driver") const noexcept { raw_.log(raw_.ctx, level, target, text); }
  const void *extension(const char *id) const noexcept { return raw_.extension(raw_.ctx, id); }
  const ccd_host &raw() const noexcept { return raw_; }

  // [control] A setting, or `otherwise` when it is not set; throws CCD_E_CONFIG naming it when it is of another type or out of range.
  int64_t setting(const char *path, int64_t otherwise, int64_t min, int64_t max) const {
    int64_t value = otherwise;
    const ccd_status status = raw_.cfg_int(raw_.ctx, path, &value);
    if (status == CCD_E_GONE) return otherwise;
    if (status != CCD_OK || value < min || value > max)
      throw error(CCD_E_CONFIG, std::string(path) + ": must be a whole number, " + std::to_string(min) + " to " + std::to_string(max));
    return value;
  }
  std::string setting(const char *path, const char *otherwise) const {
    size_t need = 0;
    const ccd_status status = raw_.cfg_str(raw_.ctx, path, nullptr, 0, &need);
    if (status == CCD_E_GONE) return otherwise;
    std::vector<char> text(need + 1, '\0');
    if (status == CCD_E_CONFIG || raw_.cfg_str(raw_.ctx, path, text.data(), text.size(), &need) != CCD_OK)
      throw error(CCD_E_CONFIG, std::string(path) + ": must be a text");
    return text.data();
  }

private:
  struct turn {                       // as short as a copy: numbers and times never go back
    explicit turn(std::atomic_flag &flag) noexcept : flag(flag) { while (flag.test_and_set(std::memory_order_acquire)) std::this_thread::yield(); }
    ~turn() { flag.clear(std::memory_order_release); }
    std::atomic_flag &flag;
  };
  bool send(ccd_event &head, uint32_t size, uint16_t type, ccd_chan channel, ccd_call call) noexcept {
    head.size = size, head.type = type, head.chan = channel, head.call = call;
    head.seq = seq_ + 1, head.t_ns = now_ns();
    const ccd_status status = raw_.post(raw_.ctx, &head);
    if (status == CCD_OK || status == CCD_E_ARG) seq_++;
    return status != CCD_E_FULL;
  }
  const ccd_host &raw_;
  std::atomic_flag busy_ = ATOMIC_FLAG_INIT;
  std::atomic<uint64_t> lost_{0};
  uint64_t seq_ = 0;
};

// The frames of a started device.
class pool {
public:
  explicit pool(const ccd_media_setup &m) noexcept : m_(m) {}
  uint8_t *rx(uint64_t frame, ccd_chan channel) const noexcept { return slot(m_.rx_off, frame, channel); }
  const uint8_t *tx(uint64_t frame, ccd_chan channel) const noexcept { return slot(m_.tx_off, frame, channel); }
  const ccd_media_setup &setup() const noexcept { return m_; }
private:
  uint8_t *slot(uint64_t offset, uint64_t frame, ccd_chan channel) const noexcept {
    return static_cast<uint8_t *>(m_.base) + offset + ((frame & (m_.depth - 1)) * m_.channels + channel) * m_.stride;
  }
  ccd_media_setup m_;
};

// One frame, as exchange gets it.
class tick {
public:
  tick(ccd_tick &raw, const pool &slots) noexcept : raw(raw), slots(slots) {}
  bool active(ccd_chan c) const noexcept { return raw.active[c / 64] >> (c % 64) & 1; }
  const uint8_t *tx(ccd_chan c) const noexcept { return raw.tx_valid[c / 64] >> (c % 64) & 1 ? slots.tx(raw.frame, c) : nullptr; } // nullptr: nothing
  uint8_t *rx(ccd_chan c) const noexcept { return slots.rx(raw.frame, c); }
  void heard(ccd_chan c) noexcept { raw.rx_valid[c / 64] |= uint64_t{1} << (c % 64); }        // rx(c) is filled
  uint32_t samples() const noexcept { return slots.setup().frame_samples; }
  ccd_tick &raw;
private:
  const pool &slots;
};

// An open device.  All functions but exchange are [control]: one at a time, and only between start and stop where the contract says so.
// A function that returns has accepted the command, and DONE is posted; one that throws has refused it.
class device {
public:
  virtual ~device() = default;
  virtual ccd_channel_info channel(ccd_chan) const = 0;          // size is filled in; asked for 0 to channels-1 only
  virtual void start(const pool &) = 0;
  virtual void stop() noexcept = 0;                              // returns when no thread of the driver uses the host any more
  virtual void exchange(tick &) noexcept = 0;                    // [media]
  virtual void make(ccd_chan, ccd_call, const ccd_make &) { unsupported(); }
  virtual void digits(ccd_call, const char *, bool /*complete*/) { unsupported(); }
  virtual void accept(ccd_call, int32_t /*CCD_STEP_*/) { unsupported(); }
  virtual void answer(ccd_call) { unsupported(); }
  virtual void drop(ccd_call, uint16_t) { unsupported(); }
  virtual void hold(ccd_call, bool) { unsupported(); }
  virtual void transfer(ccd_call, ccd_call, const char *) { unsupported(); }
  virtual void hook(ccd_chan, int32_t /*CCD_HOOK_*/, uint32_t /*ms*/) { unsupported(); }
  virtual void ring(ccd_chan, const uint16_t *, uint32_t, const ccd_caller_id *) { unsupported(); }
  virtual void polarity(ccd_chan, bool) { unsupported(); }
  virtual void cas(ccd_chan, uint32_t) { unsupported(); }
  virtual void send_digits(ccd_chan, int32_t, const char *, uint32_t, uint32_t) { unsupported(); }
  virtual void send_tone(ccd_chan, int32_t) { unsupported(); }
  virtual void detect(ccd_chan, uint64_t) { unsupported(); }
  virtual void tune(ccd_chan, int32_t, int64_t) { unsupported(); }
  virtual void enable(ccd_chan, bool) {}
  virtual void service(ccd_chan, bool) { unsupported(); }
  virtual void replay(ccd_chan) { unsupported(); }               // CCD_NO_CHAN: what belongs to no channel
  virtual std::string stats() { return "{}"; }
};

// What a driver type must have: static constexpr const char *id, *name, *vendor, *version, *schema (nullptr: none); a constructor
// (ccd::host &); std::vector<ccd_device_info> enumerate(); std::unique_ptr<ccd::device> open(const char *uid, ccd::host &).
template <class Driver> struct glue {
  struct made {
    explicit made(const ccd_host &raw) : services(raw), impl(services) {}
    host services;
    Driver impl;
    std::mutex control;
    std::vector<ccd_device_info> found;
    std::vector<std::string> open;
  };
  struct opened {
    opened(const ccd_host &raw, std::string uid, uint32_t channels) : services(raw), uid(std::move(uid)), channels(channels) {}
    host services;
    std::string uid;
    uint32_t channels;
    std::unique_ptr<device> impl;
    std::mutex control;
    std::atomic<bool> started{false};
    std::optional<pool> slots;
    made *owner = nullptr;
  };

  static ccd_status told(ccd_error *err, ccd_status code, const char *text, int64_t vendor_code = 0) noexcept {
    if (err && err->size >= sizeof *err) {
      err->size = sizeof *err, err->code = code, err->vendor_code = vendor_code;
      fill(err->text, text);
    }
    return code;
  }
  template <class Body> static ccd_status guarded(ccd_error *err, Body body) noexcept {
    try {
      return body();
    } catch (const error &refused) {
      return told(err, refused.code, refused.what(), refused.vendor_code);
    } catch (const std::bad_alloc &) {
      return told(err, CCD_E_NOMEM, "no memory");
    } catch (const std::exception &other) {
      return told(err, CCD_E_INTERNAL, other.what());
    } catch (...) {
      return told(err, CCD_E_INTERNAL, "an exception of unknown type");
    }
  }
  template <class T> static ccd_status put(T value, T *out) noexcept {
    if (out->size < 4) return CCD_E_ARG;
    value.size = out->size < sizeof value ? out->size : uint32_t{sizeof value};
    std::memcpy(static_cast<void *>(out), &value, value.size);
    return CCD_OK;
  }

  static ccd_status create(const ccd_host *raw, void **drv, ccd_error *err) noexcept {
    if (!raw || !drv || raw->size < sizeof *raw) return told(err, CCD_E_ARG, "create: the host table is NULL or too short");
    return guarded(err, [&] { *drv = new made(*raw); return CCD_OK; });
  }
  static void destroy(void *drv) noexcept { delete static_cast<made *>(drv); }
  static ccd_status enumerate(void *drv, uint32_t index, ccd_device_info *out) noexcept {
    if (!drv || !out) return CCD_E_ARG;
    return guarded(nullptr, [&] {
      made &m = *static_cast<made *>(drv);
      const std::lock_guard<std::mutex> lock(m.control);
      if (index == 0) m.found = m.impl.enumerate();
      return index < m.found.size() ? put(m.found[index], out) : ccd_status{CCD_E_END};
    });
  }
  static ccd_status open(void *drv, const char *uid, const ccd_host *raw, void **dev, ccd_error *err) noexcept {
    if (!drv || !uid || !raw || !dev || raw->size < sizeof *raw) return told(err, CCD_E_ARG, "open: something is NULL or too short");
    return guarded(err, [&]() -> ccd_status {
      made &m = *static_cast<made *>(drv);
      const std::lock_guard<std::mutex> lock(m.control);
      for (const std::string &other : m.open) if (other == uid) throw error(CCD_E_BUSY, "the device is open already; close it first");
      for (const ccd_device_info &info : m.impl.enumerate()) {
        if (std::strcmp(info.uid, uid) != 0) continue;
        auto one = std::make_unique<opened>(*raw, uid, info.channels);
        one->impl = m.impl.open(uid, one->services);
        one->owner = &m;
        m.open.emplace_back(uid);
        *dev = one.release();
        return CCD_OK;
      }
      throw error(CCD_E_GONE, std::string("there is no device \"") + uid + "\"; enumerate shows those there are");
    });
  }
  static void close(void *dev) noexcept {
    if (!dev) return;
    std::unique_ptr<opened> one(static_cast<opened *>(dev));
    stop(dev);
    one->impl.reset();
    const std::lock_guard<std::mutex> lock(one->owner->control);
    for (auto &uid : one->owner->open) if (uid == one->uid) { uid = std::move(one->owner->open.back()); one->owner->open.pop_back(); break; }
  }
  static ccd_status channel(void *dev, ccd_chan ch, ccd_channel_info *out) noexcept {
    if (!dev || !out || ch >= static_cast<opened *>(dev)->channels) return CCD_E_ARG;
    return guarded(nullptr, [&] { return put(static_cast<opened *>(dev)->impl->channel(ch), out); });
  }
  static ccd_status start(void *dev, const ccd_media_setup *m, ccd_error *err) noexcept {
    if (!dev || !m || m->size < sizeof *m) return told(err, CCD_E_ARG, "start: the media setup is NULL or too short");
    return guarded(err, [&]() -> ccd_status {
      opened &d = *static_cast<opened *>(dev);
      const std::lock_guard<std::mutex> lock(d.control);
      if (d.started) throw error(CCD_E_STATE, "start: the device is started already");
      if (!m->base || m->channels != d.channels || !m->depth || m->depth & (m->depth - 1) || !m->frame_samples)
        throw error(CCD_E_ARG, "start: the media setup cannot be");
      d.slots.emplace(*m);
      d.impl->start(*d.slots);
      d.started = true;
      return CCD_OK;
    });
  }
  static ccd_status stop(void *dev) noexcept {
    if (!dev) return CCD_E_ARG;
    opened &d = *static_cast<opened *>(dev);
    const std::lock_guard<std::mutex> lock(d.control);
    if (!d.started.exchange(false)) return CCD_E_STATE;
    d.impl->stop();
    return CCD_OK;
  }
  static ccd_status exchange(void *dev, ccd_tick *t) noexcept {
    if (!dev || !t || t->size < sizeof *t) return CCD_E_ARG;
    opened &d = *static_cast<opened *>(dev);
    if (!d.started) return CCD_E_STATE;
    tick view(*t, *d.slots);
    d.impl->exchange(view);
    return CCD_OK;
  }
  static ccd_status stats(void *dev, char *json, size_t cap, size_t *need) noexcept {
    if (!dev) return CCD_E_ARG;
    return guarded(nullptr, [&]() -> ccd_status {
      opened &d = *static_cast<opened *>(dev);
      const std::lock_guard<std::mutex> lock(d.control);
      const std::string text = d.impl->stats();
      if (need) *need = text.size() + 1;
      if (!json || cap <= text.size()) return CCD_E_ARG;
      std::memcpy(json, text.c_str(), text.size() + 1);
      return CCD_OK;
    });
  }

  // A command: checks, the driver's own function, DONE.
  template <class Body> static ccd_status command(void *dev, ccd_chan ch, ccd_call call, ccd_req req, Body body) noexcept {
    if (!dev) return CCD_E_ARG;
    opened &d = *static_cast<opened *>(dev);
    if (ch != CCD_NO_CHAN && ch >= d.channels) return CCD_E_ARG;
    const ccd_status status = guarded(nullptr, [&]() -> ccd_status {
      const std::lock_guard<std::mutex> lock(d.control);
      if (!d.started) return CCD_E_STATE;
      body(*d.impl);
      return CCD_OK;
    });
    if (status != CCD_OK || !req) return status;
    ccd_ev_done done{};
    done.h.req = req;
    for (int tries = 0; !d.services.post(done, CCD_EV_DONE, ch, call); tries++) {
      if (tries == 500) { d.services.lose(); break; }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return CCD_OK;
  }
  static bool wrong_digits(const char *digits) noexcept { return !digits || !*digits || digits[std::strspn(digits, "0123456789*#ABCD")]; }
  static ccd_status make(void *dev, ccd_chan ch, ccd_call call, const ccd_make *m, ccd_req req) noexcept {
    if (ch == CCD_NO_CHAN || !call || call % 2 || !m || m->size < sizeof *m || !m->called || !m->calling || !m->name) return CCD_E_ARG;
    return command(dev, ch, call, req, [&](device &d) { d.make(ch, call, *m); });
  }
  static ccd_status digits(void *dev, ccd_call call, const char *more, int32_t complete, ccd_req req) noexcept {
    if (!call || !more || ((*more || !complete) && wrong_digits(more))) return CCD_E_ARG;
    return command(dev, CCD_NO_CHAN, call, req, [&](device &d) { d.digits(call, more, complete != 0); });
  }
  static ccd_status accept(void *dev, ccd_call call, int32_t step, ccd_req req) noexcept {
    if (!call || step < CCD_STEP_SETUP_ACK || step > CCD_STEP_PROGRESS) return CCD_E_ARG;
    return command(dev, CCD_NO_CHAN, call, req, [&](device &d) { d.accept(call, step); });
  }
  static ccd_status answer(void *dev, ccd_call call, ccd_req req) noexcept {
    return call ? command(dev, CCD_NO_CHAN, call, req, [&](device &d) { d.answer(call); }) : ccd_status{CCD_E_ARG};
  }
  static ccd_status drop(void *dev, ccd_call call, uint16_t q850, ccd_req req) noexcept {
    const uint16_t cause = q850 >= 1 && q850 <= 127 ? q850 : uint16_t{16};
    return call ? command(dev, CCD_NO_CHAN, call, req, [&](device &d) { d.drop(call, cause); }) : ccd_status{CCD_E_ARG};
  }
  static ccd_status hold(void *dev, ccd_call call, int32_t on, ccd_req req) noexcept {
    return call ? command(dev, CCD_NO_CHAN, call, req, [&](device &d) { d.hold(call, on != 0); }) : ccd_status{CCD_E_ARG};
  }
  static ccd_status transfer(void *dev, ccd_call call, ccd_call other, const char *to, ccd_req req) noexcept {
    if (!call || (!other && !to)) return CCD_E_ARG;
    return command(dev, CCD_NO_CHAN, call, req, [&](device &d) { d.transfer(call, other, to ? to : ""); });
  }
  template <class Body> static ccd_status line(void *dev, ccd_chan ch, ccd_req req, Body body) noexcept {
    return ch == CCD_NO_CHAN ? ccd_status{CCD_E_ARG} : command(dev, ch, 0, req, body);
  }
  static ccd_status hook(void *dev, ccd_chan ch, int32_t op, uint32_t ms, ccd_req req) noexcept {
    return op < CCD_HOOK_OFF || op > CCD_HOOK_START ? ccd_status{CCD_E_ARG} : line(dev, ch, req, [&](device &d) { d.hook(ch, op, ms); });
  }
  static ccd_status ring(void *dev, ccd_chan ch, const uint16_t *ms, uint32_t n, const ccd_caller_id *id, ccd_req req) noexcept {
    return n % 2 || (n && !ms) ? ccd_status{CCD_E_ARG} : line(dev, ch, req, [&](device &d) { d.ring(ch, ms, n, id); });
  }
  static ccd_status polarity(void *dev, ccd_chan ch, int32_t reversed, ccd_req req) noexcept {
    return line(dev, ch, req, [&](device &d) { d.polarity(ch, reversed != 0); });
  }
  static ccd_status cas(void *dev, ccd_chan ch, uint32_t abcd, ccd_req req) noexcept {
    return abcd > 15 ? ccd_status{CCD_E_ARG} : line(dev, ch, req, [&](device &d) { d.cas(ch, abcd); });
  }
  static ccd_status send_digits(void *dev, ccd_chan ch, int32_t kind, const char *digits, uint32_t on, uint32_t off, ccd_req req) noexcept {
    if (kind < CCD_DIGIT_DTMF || kind > CCD_DIGIT_PULSE || wrong_digits(digits)) return CCD_E_ARG;
    return line(dev, ch, req, [&](device &d) { d.send_digits(ch, kind, digits, on, off); });
  }
  static ccd_status send_tone(void *dev, ccd_chan ch, int32_t tone, ccd_req req) noexcept {
    return tone < 0 || tone > CCD_TONE_CED ? ccd_status{CCD_E_ARG} : line(dev, ch, req, [&](device &d) { d.send_tone(ch, tone); });
  }
  static ccd_status detect(void *dev, ccd_chan ch, uint64_t what, ccd_req req) noexcept {
    return line(dev, ch, req, [&](device &d) { d.detect(ch, what); });
  }
  static ccd_status tune(void *dev, ccd_chan ch, int32_t key, int64_t value, ccd_req req) noexcept {
    return line(dev, ch, req, [&](device &d) { d.tune(ch, key, value); });
  }
  static ccd_status enable(void *dev, ccd_chan ch, int32_t on, ccd_req req) noexcept {
    return line(dev, ch, req, [&](device &d) { d.enable(ch, on != 0); });
  }
  static ccd_status service(void *dev, ccd_chan ch, int32_t on, ccd_req req) noexcept {
    return line(dev, ch, req, [&](device &d) { d.service(ch, on != 0); });
  }
  static ccd_status replay(void *dev, ccd_chan ch, ccd_req req) noexcept {
    return command(dev, ch, 0, req, [&](device &d) { d.replay(ch); });
  }
  static const char *schema() noexcept { return Driver::schema; }

  static const void *extension(void *drv, const char *id) noexcept {
    static constexpr ccd_device_vt device_vt = {sizeof(ccd_device_vt), 0, channel, start, stop, service, replay, stats};
    static constexpr ccd_call_vt call_vt = {sizeof(ccd_call_vt), 0, make, digits, accept, answer, drop, hold, transfer, nullptr};
    static constexpr ccd_line_vt line_vt = {sizeof(ccd_line_vt), 0, hook, ring, polarity, cas, send_digits, send_tone, detect, tune};
    static constexpr ccd_media_vt media_vt = {sizeof(ccd_media_vt), 0, enable, nullptr, nullptr, exchange};
    if (!drv || !id) return nullptr;
    if (!std::strcmp(id, "callcore.device/1")) return &device_vt;
    if (!std::strcmp(id, "callcore.call/1")) return &call_vt;
    if (!std::strcmp(id, "callcore.line/1")) return &line_vt;
    return std::strcmp(id, "callcore.media/1") ? nullptr : &media_vt;
  }
  static ccd_status negotiate(const ccd_offer *offer, ccd_accept *accept) noexcept {
    static constexpr ccd_driver_vt driver_vt = {sizeof(ccd_driver_vt), 0, create, destroy, enumerate, open, close, extension, schema};
    if (!offer || !accept || offer->size < sizeof *offer || accept->size < sizeof *accept) return CCD_E_ARG;
    accept->abi = CCD_ABI_1_0;
    if (offer->abi_min > CCD_ABI_1_0 || offer->abi_max < CCD_ABI_1_0) return CCD_E_VERSION;
    *accept = {sizeof *accept, CCD_ABI_1_0, Driver::id, Driver::name, Driver::vendor, Driver::version, 0, 0, &driver_vt};
    return CCD_OK;
  }
};

} // namespace ccd

#define CCD_EXPORT_DRIVER(Driver) \
  extern "C" CCD_EXPORT ccd_status CCD_CALL ccd_negotiate(const ccd_offer *offer, ccd_accept *accept) noexcept { \
    return ccd::glue<Driver>::negotiate(offer, accept); \
  }
#endif
