// callcore.hpp - callcore.h for C++17 and later: objects that free themselves, numbers that cannot be mixed up, results in place of statuses,
// and a queue that is a range of events.
//
//   auto core = callcore::core::create({}, CC_VIRTUAL_TIME).value();
//   auto queue = core.events().value();
//   core.start().value();
//   for (auto &event : queue.read(10s))
//     if (event.type() == CC_EV_OFFERED) core.answer(event.call()).value();
//
// There is nothing to link but libcallcore: all of it is here, and only callcore.h is kept binary compatible.  Each function does what the
// function of callcore.h that it calls does, and has its threads, its waiting and its errors: read them there.  Everything compiles with
// -fno-exceptions and -fno-rtti.  A std::string_view that comes in is borrowed for the call; one that comes out of an event lives as long as it.
#ifndef CALLCORE_HPP
#define CALLCORE_HPP
#include "callcore.h"
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>
#if defined(__cpp_exceptions)
#  include <stdexcept>
#endif

namespace callcore {

// A call; `call_id{}` is none.  It can outlive what it names: then it is CC_E_GONE, never another call.
enum class call_id : cc_id {};
// An accepted command; the events that come of it carry it.  `request{}` is none.
enum class request : cc_req {};
// A party of a call.
enum class party : uint32_t { caller = CC_CALLER, other = CC_OTHER };

// Waits without an end.
inline constexpr std::chrono::milliseconds forever{-1};

// Why a function did nothing: the number, its name, and words that say what, where, and what to do.
class error {
public:
  // A number of callcore.h and the words for it.
  error(cc_status code, std::string text) : code_(code), text_(std::move(text)) {}
  // CC_E_*.
  cc_status code() const noexcept { return code_; }
  // The name of the number, as `cc_status_name` has it.
  std::string_view name() const noexcept { return cc_status_name(code_); }
  // What is wrong, where, and what to do.
  const std::string &text() const noexcept { return text_; }

private:
  cc_status code_;
  std::string text_;
};

#if defined(__cpp_exceptions)
// What `result::value` throws when there is none.
class failure : public std::runtime_error {
public:
  explicit failure(error why) : std::runtime_error(std::string(why.name()) + ": " + why.text()), why(std::move(why)) {}
  error why;
};
#endif

namespace detail {
[[noreturn]] inline void fail(const error &why) {
#if defined(__cpp_exceptions)
  throw failure(why);
#else
  std::fprintf(stderr, "%s: %s\n", why.name().data(), why.text().c_str());
  std::abort();
#endif
}

// The words of this thread's last function that failed.
inline error last_error(cc_status code) {
  std::string text(cc_last_error(nullptr, 0), '\0');
  cc_last_error(text.data(), text.size());
  text.pop_back();
  return error(code, std::move(text));
}

inline int32_t milliseconds(std::chrono::milliseconds time) noexcept {
  if (time < std::chrono::milliseconds(0)) return -1;
  return time.count() > INT32_MAX ? INT32_MAX : static_cast<int32_t>(time.count());
}

inline uint32_t unsigned_milliseconds(std::chrono::milliseconds time) noexcept {
  return static_cast<uint32_t>(milliseconds(time < time.zero() ? time.zero() : time));
}
} // namespace detail

// What a function gives, or why it does not.
template <class T> class [[nodiscard]] result {
public:
  // What was asked for.
  result(T value) : is_(std::in_place_index<0>, std::move(value)) {}
  // Why it cannot be had.
  result(callcore::error why) : is_(std::in_place_index<1>, std::move(why)) {}
  // Whether it was had.
  bool has_value() const noexcept { return is_.index() == 0; }
  // The same.
  explicit operator bool() const noexcept { return has_value(); }
  // Only where there is an error.
  const callcore::error &error() const noexcept { return *std::get_if<1>(&is_); }
  // Only where there is a value.
  T &operator*() noexcept { return *std::get_if<0>(&is_); }
  // What was asked for; only where there is one.
  const T &operator*() const noexcept { return *std::get_if<0>(&is_); }
  // The same.
  T *operator->() noexcept { return std::get_if<0>(&is_); }
  // The same.
  const T *operator->() const noexcept { return std::get_if<0>(&is_); }
  // The value; where there is none this throws a `failure`, or, compiled without exceptions, prints the error and aborts.
  T &value() & { return expect(), **this; }
  // The same, taken out.
  T value() && { return expect(), std::move(**this); }

private:
  void expect() const {
    if (!has_value()) detail::fail(error());
  }
  std::variant<T, callcore::error> is_;
};

// Whether something was done.
template <> class [[nodiscard]] result<void> {
public:
  result() noexcept = default;
  // Why it was not done.
  result(callcore::error why) : why_(std::move(why)) {}
  // Whether it was done.
  bool has_value() const noexcept { return !why_; }
  // The same.
  explicit operator bool() const noexcept { return has_value(); }
  // Why not; only where it was not done.
  const callcore::error &error() const noexcept { return *why_; }
  // Goes on where it was done; else throws `failure`, or without exceptions prints the error and aborts.
  void value() const {
    if (why_) detail::fail(*why_);
  }

private:
  std::optional<callcore::error> why_;
};

namespace detail {
inline result<void> done(cc_status status) {
  if (status == CC_OK) return {};
  return last_error(status);
}

// A text for C: a copy with its NUL.  One that has a NUL inside would be cut without a word.
class c_text {
public:
  explicit c_text(std::string_view text) : text_(text), is_cut_(text.find('\0') != text.npos) {}
  const char *get() const noexcept { return text_.c_str(); }
  const char *or_null() const noexcept { return text_.empty() ? nullptr : text_.c_str(); }
  bool is_cut() const noexcept { return is_cut_; }

private:
  std::string text_;
  bool is_cut_;
};

inline error cut() { return error(CC_E_ARG, "a text has a NUL inside: leave it out"); }

// A function that writes a text into a buffer and says how much it needs; what it tells may grow between two calls.
template <class F> result<std::string> text_of(F call) {
  std::string text(1024, '\0');
  for (;;) {
    size_t need = 0;
    const cc_status status = call(text.data(), text.size(), &need);
    if (status == CC_OK) return text.resize(need - 1), text;
    if (status != CC_E_SHORT) return last_error(status);
    text.resize(need + need / 8);
  }
}
} // namespace detail

// Something that happened: a view of a record, whose members callcore.h describes.
class event {
public:
  // Of an event that a queue has given.
  explicit event(const cc_event *raw) noexcept : raw_(raw) {}
  // CC_EV_*.
  uint16_t type() const noexcept { return raw_->type; }
  // When it happened, on the clock of `core::now`.
  std::chrono::nanoseconds time() const noexcept { return std::chrono::nanoseconds(raw_->t_ns); }
  // Its number: those of a queue rise by one, but for those that were lost.
  uint64_t seq() const noexcept { return raw_->seq; }
  // Its call, or none.
  call_id call() const noexcept { return call_id{raw_->call}; }
  // Another call that has to do with it, or none.
  call_id peer() const noexcept { return call_id{raw_->peer}; }
  // The command that it comes of, or none.
  request req() const noexcept { return request{raw_->req}; }
  // What the program has tagged the call with; 0: nothing.
  uint64_t user() const noexcept { return raw_->user; }
  // How a command ended: CC_OK or CC_E_*.
  cc_status status() const noexcept { return raw_->status; }
  // A cause of ITU-T Q.850; 0: none.
  uint16_t cause() const noexcept { return raw_->cause; }
  // How something ended: CC_END_*.
  uint16_t end() const noexcept { return raw_->end; }
  // The text that the header names for this type.
  std::string_view text() const noexcept { return part(raw_->text_off, raw_->text_len); }
  // The JSON that the header names for this type.
  std::string_view json() const noexcept { return part(raw_->json_off, raw_->json_len); }
  // All of it.
  const cc_event &raw() const noexcept { return *raw_; }

private:
  std::string_view part(uint32_t off, uint32_t len) const noexcept { return {reinterpret_cast<const char *>(raw_) + off, len}; }
  const cc_event *raw_;
};

namespace detail {
// Records that were read and not all walked yet.
struct batch {
  std::vector<uint64_t> records;
  size_t at = 0, got = 0; // bytes
};
} // namespace detail

// The events of a queue as they come, until none has come for `timeout`, or the queue has no more.  A range to be walked once; an event lives until
// the next step.  Whoever leaves the loop early finds the next event with the next `read`.
class events {
public:
  class iterator {
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = event;
    using difference_type = std::ptrdiff_t;
    using pointer = const event *;
    using reference = const event &;
    explicit iterator(events *of) noexcept : of_(of) {}
    reference operator*() const noexcept { return of_->now_; }
    pointer operator->() const noexcept { return &of_->now_; }
    iterator &operator++() {
      if (!of_->next()) of_ = nullptr;
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const iterator &a, const iterator &b) noexcept { return a.of_ == b.of_; }
    friend bool operator!=(const iterator &a, const iterator &b) noexcept { return a.of_ != b.of_; }

  private:
    events *of_;
  };

  // Reads what waits, and gives the first of it.
  iterator begin() { return iterator(next() ? this : nullptr); }
  // The end of what waits.
  iterator end() noexcept { return iterator(nullptr); }
  // Why it has come to its end: CC_E_EMPTY is none within the timeout; CC_OK: it has not.
  cc_status status() const noexcept { return status_; }

private:
  friend class queue;
  events(cc_queue *queue, detail::batch &batch, int32_t timeout_ms) noexcept : queue_(queue), batch_(&batch), timeout_ms_(timeout_ms) {}
  bool next() {
    if (batch_->at == batch_->got && !read()) return false;
    now_ = event(reinterpret_cast<const cc_event *>(batch_->records.data() + batch_->at / 8));
    batch_->at += now_.raw().size;
    return true;
  }
  bool read() {
    auto &[records, at, got] = *batch_;
    at = got = 0;
    while ((status_ = cc_queue_read(queue_, records.data(), records.size() * 8, &got, timeout_ms_)) == CC_E_SHORT) records.resize(got / 8);
    if (status_ != CC_OK) got = 0;
    return status_ == CC_OK;
  }
  cc_queue *queue_;
  detail::batch *batch_;
  int32_t timeout_ms_;
  cc_status status_ = CC_OK;
  event now_{nullptr};
};

// A queue of a core's events.  Frees itself.
class queue {
public:
  // Takes the queue over.
  queue(queue &&other) noexcept : raw_(std::exchange(other.raw_, nullptr)), batch_(std::exchange(other.batch_, {})), run_(std::move(other.run_)) {}
  // Changes places.
  queue &operator=(queue &&other) noexcept {
    std::swap(raw_, other.raw_), std::swap(batch_, other.batch_), std::swap(run_, other.run_);
    return *this;
  }
  ~queue() {
    if (raw_) cc_queue_free(raw_);
  }
  // The events from now on: each wait for the next is `timeout` long.  The queue stays where it is meanwhile.
  callcore::events read(std::chrono::milliseconds timeout = forever) {
    if (batch_.records.empty()) batch_.records.resize(8192);
    return callcore::events(raw_, batch_, detail::milliseconds(timeout));
  }
  // To poll: readable while there are events that no `read` has fetched; so walk each range to its end.
  int fd() const noexcept { return static_cast<int>(cc_queue_fd(raw_)); }
  // From now on a thread of the library calls `run` with each event, which must not throw.
  result<void> callback(std::function<void(const event &)> run) {
    if (run_) return error(CC_E_STATE, "the queue has a callback already");
    run_ = std::make_unique<std::function<void(const event &)>>(std::move(run));
    auto call = [](void *run, const cc_event *raw) noexcept { (*static_cast<std::function<void(const event &)> *>(run))(event(raw)); };
    auto given = detail::done(cc_queue_callback(raw_, call, run_.get()));
    if (!given) run_.reset();
    return given;
  }
  // For functions of callcore.h.
  cc_queue *raw() const noexcept { return raw_; }

private:
  friend class core;
  explicit queue(cc_queue *raw) noexcept : raw_(raw) {}
  cc_queue *raw_;
  detail::batch batch_;
  std::unique_ptr<std::function<void(const event &)>> run_;
};

// A program's own sound, connected to a call.  Disconnects itself; the core must live until then.
class tap {
public:
  // Takes the audio over.
  tap(tap &&other) noexcept : core_(std::exchange(other.core_, nullptr)), id_(other.id_), raw_(other.raw_) {}
  // Changes places.
  tap &operator=(tap &&other) noexcept {
    std::swap(core_, other.core_), std::swap(id_, other.id_), std::swap(raw_, other.raw_);
    return *this;
  }
  ~tap() {
    if (core_) cc_tap_close(core_, id_);
  }
  // Samples a second.
  uint32_t rate() const noexcept { return raw_.rate; }
  // To poll: readable every 20 ms while there is sound; read 8 bytes of it.
  int wake_fd() const noexcept { return static_cast<int>(raw_.wake_fd); }
  // What the caller has said: at most `count` samples; gives how many.
  size_t read(int16_t *samples, size_t count) noexcept {
    const uint64_t begin = *raw_.heard_begin, there = __atomic_load_n(raw_.heard_end, __ATOMIC_ACQUIRE) - begin;
    count = there < count ? static_cast<size_t>(there) : count;
    for (size_t i = 0; i < count; i++) samples[i] = raw_.heard[(begin + i) % raw_.samples];
    __atomic_store_n(raw_.heard_begin, begin + count, __ATOMIC_RELEASE);
    return count;
  }
  // What the caller is to hear: as much of it as there is room for; gives how much.
  size_t write(const int16_t *samples, size_t count) noexcept {
    const uint64_t end = *raw_.said_end, room = raw_.samples - (end - __atomic_load_n(raw_.said_begin, __ATOMIC_ACQUIRE));
    count = room < count ? static_cast<size_t>(room) : count;
    for (size_t i = 0; i < count; i++) raw_.said[(end + i) % raw_.samples] = samples[i];
    __atomic_store_n(raw_.said_end, end + count, __ATOMIC_RELEASE);
    return count;
  }

private:
  friend class core;
  tap(cc_core *core, cc_id id, const cc_tap &raw) noexcept : core_(core), id_(id), raw_(raw) {}
  cc_core *core_;
  cc_id id_;
  cc_tap raw_;
};

// A call centre.  Stops and frees itself; its queues may live longer.
class core {
public:
  // From a configuration as text, TOML or JSON; empty: a small simulated centre.  `flags`: CC_VIRTUAL_TIME, or 0.
  static result<core> create(std::string_view config = {}, uint32_t flags = 0) { return make_core(config, {}, flags); }
  // From a file.
  static result<core> from_file(std::string_view path, uint32_t flags = 0) { return make_core({}, path, flags); }
  // Takes the core over.
  core(core &&other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
  // Changes places.
  core &operator=(core &&other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  ~core() {
    if (raw_) cc_core_free(raw_);
  }
  // Starts it: `cc_core_start`. Make queues before.
  result<void> start() { return detail::done(cc_core_start(raw_)); }
  // Stops it, and waits so long at most for calls to end by themselves: `cc_core_stop`.
  result<void> stop(std::chrono::milliseconds grace = std::chrono::milliseconds(0)) {
    return detail::done(cc_core_stop(raw_, detail::unsigned_milliseconds(grace)));
  }
  // A queue of its events; `filter` is JSON, empty: all events.  Make it before `start`.
  result<queue> events(std::string_view filter = {}, uint32_t bytes = 0) {
    const detail::c_text text(filter);
    cc_queue *out = nullptr;
    if (text.is_cut()) return detail::cut();
    if (const cc_status status = cc_queue_new(raw_, text.or_null(), bytes, &out)) return detail::last_error(status);
    return queue(out);
  }

  /* Calls */

  // Calls a target, from a number, tagged: `cc_call_make`.
  result<request> make(std::string_view to, std::string_view calling = {}, uint64_t user = 0) {
    const detail::c_text to_text(to), calling_text(calling);
    const cc_make make{sizeof(cc_make), 0, to_text.get(), calling_text.or_null(), user};
    if (to_text.is_cut() || calling_text.is_cut()) return detail::cut();
    return give([&](cc_req *req) { return cc_call_make(raw_, &make, req); });
  }
  // Answers a call: `cc_call_answer`.
  result<request> answer(call_id call) {
    return give([&](cc_req *req) { return cc_call_answer(raw_, number(call), req); });
  }
  // Ends a call with a cause of ITU-T Q.850: `cc_call_drop`.
  result<request> drop(call_id call, uint16_t cause = 16) {
    return give([&](cc_req *req) { return cc_call_drop(raw_, number(call), cause, req); });
  }
  // Sends a call that is the program's to a target, `extension:1001`, `queue:support`: `cc_call_send`.
  result<request> send(call_id call, std::string_view to) {
    return give(to, [&](const char *to, cc_req *req) { return cc_call_send(raw_, number(call), to, req); });
  }
  // One party puts the other on hold, or takes it back: `cc_call_hold`.
  result<request> hold(call_id call, party by, bool on) {
    return give([&](cc_req *req) { return cc_call_hold(raw_, number(call), static_cast<uint32_t>(by), on, req); });
  }
  // A party is not heard, or is again: `cc_call_mute`.
  result<request> mute(call_id call, party who, bool on) {
    return give([&](cc_req *req) { return cc_call_mute(raw_, number(call), static_cast<uint32_t>(who), on, req); });
  }
  // Sends keys to a party: `cc_call_digits`.
  result<request> digits(call_id call, party to, std::string_view digits) {
    return give(digits, [&](const char *digits, cc_req *req) { return cc_call_digits(raw_, number(call), static_cast<uint32_t>(to), digits, req); });
  }
  // A number of the program's own, which the events of the call carry: `cc_call_tag`.
  result<void> tag(call_id call, uint64_t user) { return detail::done(cc_call_tag(raw_, number(call), user)); }
  // Plays prompts, `["welcome","menu"]` or one name: `cc_play`.
  result<request> play(call_id call, std::string_view prompts) {
    return give(prompts, [&](const char *prompts, cc_req *req) { return cc_play(raw_, number(call), prompts, req); });
  }
  // A call's sound, both ways, at 8000 samples a second, or 16000 where a board has them: `cc_tap_open`.
  result<tap> open_tap(call_id call, uint32_t rate = 8000) {
    cc_tap out{};
    cc_id id = 0;
    out.size = sizeof out;
    if (const cc_status status = cc_tap_open(raw_, number(call), rate, &out, &id)) return detail::last_error(status);
    return tap(raw_, id, out);
  }
  // Digits and recordings; `options` is JSON, empty: as callcore.h says.
  result<request> collect(call_id call, std::string_view options = {}) {
    return give(options, [&](const char *options, cc_req *req) { return cc_collect(raw_, number(call), *options ? options : nullptr, req); });
  }
  // Records a call: `cc_record`.
  result<request> record(call_id call, std::string_view options = {}) {
    return give(options, [&](const char *options, cc_req *req) { return cc_record(raw_, number(call), *options ? options : nullptr, req); });
  }
  // Silence is recorded instead, or no more: `cc_record_mask`.
  result<request> mask_recording(call_id call, bool on) {
    return give([&](cc_req *req) { return cc_record_mask(raw_, number(call), on, req); });
  }
  // Pauses, resumes, winds or repeats what plays: `cc_play_control`.
  result<request> control_play(call_id call, std::string_view control) {
    return give(control, [&](const char *control, cc_req *req) { return cc_play_control(raw_, number(call), control, req); });
  }
  // Listens for tones, voices, silence, machines: `cc_listen`.
  result<request> listen(call_id call, party to, std::string_view sounds) {
    return give(sounds, [&](const char *sounds, cc_req *req) { return cc_listen(raw_, number(call), static_cast<uint32_t>(to), sounds, req); });
  }

  /* Calls with calls */

  // Joins two calls; with `ends_together` who is left is released with the other: `cc_call_bridge`.
  result<request> bridge(call_id call, call_id with, bool ends_together = false) {
    return give([&](cc_req *req) { return cc_call_bridge(raw_, number(call), number(with), ends_together, req); });
  }
  // Parts two joined calls: `cc_call_unbridge`.
  result<request> unbridge(call_id call) {
    return give([&](cc_req *req) { return cc_call_unbridge(raw_, number(call), req); });
  }
  // A party hands the other on to a target: `cc_call_transfer`.
  result<request> transfer(call_id call, std::string_view to, party by) {
    return give(to, [&](const char *to, cc_req *req) { return cc_call_transfer(raw_, number(call), to, static_cast<uint32_t>(by), req); });
  }
  // `role`: CC_ROLE_*.
  result<request> change_role(call_id call, uint32_t role) {
    return give([&](cc_req *req) { return cc_conf_role(raw_, number(call), role, req); });
  }
  // `how`: CC_SUPERVISE_*.
  result<request> supervise(call_id call, call_id by, uint32_t how, party to = party::other) {
    return give([&](cc_req *req) { return cc_supervise(raw_, number(call), number(by), how, static_cast<uint32_t>(to), req); });
  }
  // A call takes the place of a party of another: `cc_intercept`.
  result<request> intercept(call_id call, call_id by, party of = party::other) {
    return give([&](cc_req *req) { return cc_intercept(raw_, number(call), number(by), static_cast<uint32_t>(of), req); });
  }

  /* Commands */

  // Any command, as JSON.
  result<request> command(std::string_view json) {
    return give(json, [&](const char *json, cc_req *req) { return cc_command(raw_, json, req); });
  }
  // What a command began ends now: `cc_cancel`.
  result<void> cancel(request req) { return detail::done(cc_cancel(raw_, static_cast<cc_req>(req))); }
  // Waits for the end of a command; gives the text of the event that tells it: digits, a recording's path.
  result<std::string> wait(request req, std::chrono::milliseconds timeout = forever) {
    std::vector<uint64_t> room(8192);
    auto *done = reinterpret_cast<cc_event *>(room.data());
    if (const cc_status status = cc_wait(raw_, static_cast<cc_req>(req), detail::milliseconds(timeout), done, room.size() * 8)) return detail::last_error(status);
    return std::string(event(done).text());
  }

  /* Boards that come and go */

  // A board more; `device` is JSON: `cc_device_add`.
  result<void> add_device(std::string_view device) {
    const detail::c_text text(device);
    return text.is_cut() ? detail::cut() : detail::done(cc_device_add(raw_, text.get()));
  }
  // Takes a board away; its calls end: `cc_device_remove`.
  result<void> remove_device(std::string_view name) {
    const detail::c_text text(name);
    return text.is_cut() ? detail::cut() : detail::done(cc_device_remove(raw_, text.get()));
  }
  // Closes a board and opens it again, once its calls are over or this time has passed: `cc_device_restart`.
  result<void> restart_device(std::string_view name, std::chrono::milliseconds patience) {
    const detail::c_text text(name);
    return text.is_cut() ? detail::cut() : detail::done(cc_device_restart(raw_, text.get(), detail::unsigned_milliseconds(patience)));
  }

  /* Agents and prompts */

  // An agent logs in or out, is ready or not, and why: `cc_agent_set`.
  result<request> agent(std::string_view agent, std::string_view state, std::string_view reason = {}) {
    const detail::c_text agent_text(agent), state_text(state), reason_text(reason);
    if (agent_text.is_cut() || state_text.is_cut() || reason_text.is_cut()) return detail::cut();
    return give([&](cc_req *req) { return cc_agent_set(raw_, agent_text.get(), state_text.get(), reason_text.or_null(), req); });
  }
  // A sound file for prompts of this name: `cc_prompt_add`.
  result<void> add_prompt(std::string_view name, const void *bytes, size_t len) {
    const detail::c_text text(name);
    if (text.is_cut()) return detail::cut();
    return detail::done(cc_prompt_add(raw_, text.get(), static_cast<const uint8_t *>(bytes), len));
  }

  /* What there is, and was */

  // What there is now, as JSON: `cc_get`.
  result<std::string> get(std::string_view what) {
    const detail::c_text text(what);
    if (text.is_cut()) return detail::cut();
    return detail::text_of([&](char *json, size_t cap, size_t *need) { return cc_get(raw_, text.get(), json, cap, need); });
  }
  // Call records, as JSON: `cc_records`.
  result<std::string> records(std::string_view query = {}) {
    const detail::c_text text(query);
    if (text.is_cut()) return detail::cut();
    return detail::text_of([&](char *json, size_t cap, size_t *need) { return cc_records(raw_, text.or_null(), json, cap, need); });
  }
  // The calls that live: `cc_calls`.
  result<std::vector<call_id>> calls() {
    std::vector<cc_id> ids(64);
    size_t need = 0;
    cc_status status;
    while ((status = cc_calls(raw_, ids.data(), ids.size(), &need)) == CC_E_SHORT) ids.resize(need + need / 8);
    if (status != CC_OK) return detail::last_error(status);
    std::vector<call_id> calls;
    for (size_t i = 0; i < need; i++) calls.push_back(call_id{ids[i]});
    return calls;
  }
  // The core's clock, which `event::time` is of.
  result<std::chrono::nanoseconds> now() {
    uint64_t t_ns = 0;
    if (const cc_status status = cc_now(raw_, &t_ns)) return detail::last_error(status);
    return std::chrono::nanoseconds(t_ns);
  }

  /* Simulated people, and virtual time */

  // Somebody at a simulated board does something: `cc_sim_act`.
  result<void> act(std::string_view device, std::string_view line) {
    const detail::c_text device_text(device), line_text(line);
    if (device_text.is_cut() || line_text.is_cut()) return detail::cut();
    return detail::done(cc_sim_act(raw_, device_text.get(), line_text.get()));
  }
  // Lets so much virtual time go by: `cc_sim_run`.
  result<void> run(std::chrono::milliseconds time) { return detail::done(cc_sim_run(raw_, time.count() < 0 ? 0 : static_cast<uint64_t>(time.count()))); }
  // The next thing happens; false when nothing ever will.
  result<bool> step() {
    int32_t more = 0;
    if (const cc_status status = cc_sim_step(raw_, &more)) return detail::last_error(status);
    return more != 0;
  }
  // When the next thing happens, since the start; none: nothing ever will.
  result<std::optional<std::chrono::milliseconds>> next() {
    uint64_t next_ms = 0;
    if (const cc_status status = cc_sim_now(raw_, nullptr, &next_ms)) return detail::last_error(status);
    return next_ms == UINT64_MAX ? std::nullopt : std::optional(std::chrono::milliseconds(next_ms));
  }
  // A hash of everything that has happened: `cc_sim_digest`.
  result<std::string> digest() {
    return detail::text_of([&](char *text, size_t cap, size_t *need) { return cc_sim_digest(raw_, text, cap, need); });
  }
  // For functions of callcore.h.
  cc_core *raw() const noexcept { return raw_; }

private:
  explicit core(cc_core *raw) noexcept : raw_(raw) {}
  static result<core> make_core(std::string_view config, std::string_view path, uint32_t flags) {
    const detail::c_text config_text(config), path_text(path);
    const cc_core_params params{sizeof(cc_core_params), CC_ABI, config_text.or_null(), path_text.or_null(), flags, 0};
    cc_core *out = nullptr;
    if (config_text.is_cut() || path_text.is_cut()) return detail::cut();
    if (const cc_status status = cc_core_new(&params, &out)) return detail::last_error(status);
    return core(out);
  }
  static cc_id number(call_id call) noexcept { return static_cast<cc_id>(call); }
  template <class F> result<request> give(F to) {
    cc_req req = 0;
    if (const cc_status status = to(&req)) return detail::last_error(status);
    return request{req};
  }
  template <class F> result<request> give(std::string_view text, F to) {
    const detail::c_text c_text(text);
    if (c_text.is_cut()) return detail::cut();
    return give([&](cc_req *req) { return to(c_text.get(), req); });
  }
  cc_core *raw_;
};

// The version of the contract that the library speaks, and its own; whether it is the contract of this header.
inline uint32_t abi() noexcept { return cc_abi(); }
// The library's version: `cc_version`.
inline std::string_view version() noexcept { return cc_version(); }
// Sizes and numbers of the interface, as JSON: `cc_abi_describe`.
inline std::string_view abi_describe() noexcept { return cc_abi_describe(); }

} // namespace callcore
#endif // CALLCORE_HPP
