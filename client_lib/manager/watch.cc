#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <utility>

#include "client_lib/manager/session_object.h"
#include "client_lib/manager/watch_listeners.h"
#include "client_lib/manager/watch_mark.h"
#include "mp/errors.h"
#include "mp/internal/fork_hooks.h"
#include "mp/internal/watch_reader.h"

namespace mp::internal {
namespace {

// Fields of mp.v1.WatchCreateRequest, ObjectCreated, WatchPosition, WatchNextRequest,
// WatchNextReply, WatchEvent.
constexpr std::uint32_t kName = 1;
constexpr std::uint32_t kWatchedId = 4;
constexpr std::uint32_t kResume = 8;
constexpr std::uint32_t kExisted = 2;
constexpr std::uint32_t kPositionObject = 1;
constexpr std::uint32_t kPositionVersion = 2;
constexpr std::uint32_t kTimeout = 3;
constexpr std::uint32_t kLimit = 4;
constexpr std::uint32_t kEvents = 1;
constexpr std::uint32_t kEventVersion = 2;
constexpr std::uint32_t kDeleted = 7;
// A reply below this holds all that there was.
constexpr std::size_t kFullReply = 1U << 20U;

// A watch in the manager while there is a session to hold it, and a position to make another from.
class SessionWatch final : public WatchReader,
                           public WatchListener,
                           public std::enable_shared_from_this<SessionWatch> {
 public:
  SessionWatch(std::shared_ptr<const SessionObject> watched, WatchWish wish)
      : watched_(std::move(watched)),
        wish_(std::move(wish)),
        object_(wish_.resume ? wish_.resume->object : watched_->id()),
        version_(wish_.resume ? wish_.resume->version : 0),
        state_(new State) {
    const NothingIsTold inside;
    const std::lock_guard lock(state_.load()->reading);
    begin(*state_.load(), wish_.resume.has_value());
  }
  ~SessionWatch() override {
    const State* state = state_.load();
    if (state->generation == fork_generation()) delete state;
  }
  SessionWatch(const SessionWatch&) = delete;
  SessionWatch& operator=(const SessionWatch&) = delete;

  std::optional<Event> next(Timeout timeout) override {
    State& state = this->state();
    if (state.callback_set.load()) throw ValueError("the watch's events go to its callback");
    std::optional<Event> event;
    {
      const NothingIsTold inside;
      event = next_of(state, timeout);
    }
    watched_->session()->tell_of_watches();
    return event;
  }

  WatchPosition position() const override { return {object_.load(), version_.load()}; }

  void on_change(std::function<void(const Event&)> callback) override {
    State& state = this->state();
    if (state.callback_set.exchange(true)) throw ValueError("the watch has a callback already");
    {
      const std::lock_guard lock(state.reading);
      state.callback = std::move(callback);
    }
    watched_->session()->listeners().add(shared_from_this());
  }

  // What fails here is tried again with the next reply.
  void tell(std::uint64_t mark) override {
    State& state = this->state();
    if (covers(state.told.load(), mark)) return;
    const std::lock_guard lock(state.reading);
    try {
      // Once all has been read that was there, the mark is covered, though by another session.
      for (bool all = covers(state.told.load(), mark); !all && !state.over;) {
        const Fetched fetched = fetch(state, Clock::now());
        while (!state.unread.empty()) hand_over(state);
        all = fetched.all;
        if (all) state.told.store(fetched.mark);
      }
    } catch (const NoSuchObject&) {
      end(state);
    } catch (const Error&) {
      return;
    }
  }

 private:
  static constexpr std::chrono::hours kLongest{24 * 365};

  static Deadline latest_of(Timeout timeout) {
    if (!timeout || *timeout > kLongest) return std::nullopt;
    return Clock::now() + *timeout;
  }
  static Timeout left_until(Deadline latest) {
    if (!latest) return std::nullopt;
    return std::max(std::chrono::nanoseconds::zero(),
                    std::chrono::nanoseconds(*latest - Clock::now()));
  }

  // Of one process; a child makes its own, and leaves its parent's alone, locked as it may be.
  struct State {
    const std::uint64_t generation = fork_generation();
    std::atomic<bool> callback_set{false};
    std::atomic<std::uint64_t> told{0};  // the mark up to which the callback has heard
    std::timed_mutex reading;
    // Guarded by reading:
    std::shared_ptr<const RemoteObject> watch;
    std::shared_ptr<const Reply> made;  // in which it came
    std::uint64_t incarnation = 0;      // of the session that has it
    std::deque<Event> unread;
    std::function<void(const Event&)> callback;
    bool over = false;  // the last event was taken
  };

  std::optional<Event> next_of(State& state, Timeout timeout) {
    const Deadline latest = latest_of(timeout);
    std::unique_lock lock(state.reading, std::defer_lock);
    if (!latest) {
      lock.lock();
    } else if (!lock.try_lock_until(*latest)) {
      return std::nullopt;
    }
    if (state.unread.empty()) fetch(state, latest);
    if (state.unread.empty()) return std::nullopt;
    return take(state);
  }

  struct Fetched {
    std::uint64_t mark = 0;
    bool all = false;  // there was nothing more
  };

  State& state() const {
    State* state = state_.load(std::memory_order_acquire);
    if (state->generation == fork_generation()) return *state;
    auto fresh = std::make_unique<State>();
    if (state_.compare_exchange_strong(state, fresh.get())) return *fresh.release();
    return *state;
  }

  void begin(State& state, bool resume) {
    wire::Message request;
    request.fixed64(kWatchedId, watched_->id());
    if (resume) {
      wire::Message position;
      position.fixed64(kPositionObject, object_.load());
      position.uint(kPositionVersion, version_.load());
      request.message(kResume, position);
    }
    if (!wish_.name.empty()) request.str(kName, wish_.name);
    std::string bytes(request.bytes());
    bytes += wish_.filter;
    Session& session = *watched_->session();
    state.incarnation = session.incarnation();
    state.made = std::make_shared<const Reply>(session.call(
        wire::Operation::kWatchCreate, 0, "watch over " + watched_->kind(), bytes, {}));
    state.watch = session.created(*state.made, "watch", wish_.name);
    if (!resume && !existed(*state.made)) version_.store(state.made->version());
  }
  static bool existed(const Reply& created) {
    bool existed = false;
    for (wire::Fields fields = created.fields(); fields.next();) {
      if (fields.field() == kExisted) existed = fields.boolean();
    }
    return existed;
  }

  // Reads once. A session that is lost meanwhile is the reason to begin again, from the position,
  // for what is left of the time.
  Fetched fetch(State& state, Deadline latest) {
    Session& session = *watched_->session();
    for (;;) {
      const std::uint64_t incarnation = session.incarnation();
      try {
        if (state.watch == nullptr || state.incarnation != incarnation) begin(state, true);
        return fetch_once(state, left_until(latest));
      } catch (const NoSuchObject&) {
        if (session.incarnation() == incarnation) throw;
      } catch (const OutcomeUnknown&) {
        if (session.incarnation() == incarnation) throw;
      }
    }
  }

  Fetched fetch_once(State& state, Timeout timeout) {
    wire::Message request;
    if (timeout) request.duration(kTimeout, *timeout);
    const bool one_by_one = !wish_.name.empty();
    if (one_by_one) request.uint(kLimit, 1);
    CallOptions options;
    options.may_wait = true;
    options.wait = timeout;
    auto reply = std::make_shared<const Reply>(
        state.watch->call(wire::Operation::kWatchNext, request, options));
    for (wire::Fields fields = reply->fields(); fields.next();) {
      if (fields.field() == kEvents) state.unread.push_back({reply, fields.bytes()});
    }
    const bool all = one_by_one ? state.unread.empty() : reply->bytes().size() < kFullReply;
    return {reply->watch_mark(), all};
  }

  Event take(State& state) {
    Event event = std::move(state.unread.front());
    state.unread.pop_front();
    for (wire::Fields fields = event.fields(); fields.next();) {
      if (fields.field() == kEventVersion) version_.store(fields.uint());
      if (fields.field() == kDeleted) state.over = fields.boolean();
    }
    object_.store(watched_->id());
    return event;
  }

  // It must not throw: whose call this is has nothing to do with it.
  void hand_over(State& state) noexcept { state.callback(take(state)); }
  // The watch is gone. By itself, if it has a name and was removed: then nothing more is told.
  void end(State& state) {
    try {
      watched_->call(wire::Operation::kObjectGetVersion, {}, {});
      state.over = true;
    } catch (const NoSuchObject&) {
      tell_that_it_is_gone(state);
    } catch (const Error&) {
      return;  // it is asked again with the next reply
    }
  }
  // As its last event would have, if its manager had not ended before.
  void tell_that_it_is_gone(State& state) noexcept {
    wire::Message event;
    event.uint(kEventVersion, version_.load());
    event.boolean(kDeleted, true);
    if (!std::exchange(state.over, true)) state.callback({state.made, event.bytes()});
  }

  const std::shared_ptr<const SessionObject> watched_;
  const WatchWish wish_;
  std::atomic<std::uint64_t> object_;   // of the position: another one, before the first event
  std::atomic<std::uint64_t> version_;  // of the position
  mutable std::atomic<State*> state_;
};

}  // namespace

std::shared_ptr<WatchReader> watch(const std::shared_ptr<const RemoteObject>& watched,
                                   WatchWish wish) {
  auto object = std::dynamic_pointer_cast<const SessionObject>(watched);
  if (object == nullptr) throw ValueError("only an object of a manager can be watched");
  return std::make_shared<SessionWatch>(std::move(object), std::move(wish));
}

}  // namespace mp::internal
