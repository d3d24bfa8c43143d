#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "server/engine/dispatcher.h"
#include "server/engine/engine.h"
#include "tests/unit/engine/commands.h"

// A whole engine with a hand-turned clock, and clients whose connections record what arrives, in
// order:
//
//   Manager manager;
//   Client a(manager), b(manager);
//   EXPECT_EQ(a.call(create_lock("L")), …);
//   const auto waits = b.send(acquire("L"));
//   a.end();
//   EXPECT_THAT(b.outcomes(), ElementsAre(Grants(waits)));

namespace mp::server::test {
// Of tests/unit/objects/harness.h: "KEY_ERROR", "done", the reply's one field, or all: "value=7
// item=1".
std::string text(const v1::Outcome& outcome);
std::string field(const v1::Outcome& outcome, std::string_view name);
}  // namespace mp::server::test

namespace mp::server::engine_test {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

class HandClock final : public Clock {
 public:
  Time now() const override { return Time(Duration(now_.load())); }
  void set(Time time) { now_.store(Duration(time.time_since_epoch()).count()); }

 private:
  std::atomic<Duration::rep> now_{Duration(hours(1)).count()};
};

struct Manager {
  explicit Manager(const Limits& limits = {}, std::uint32_t shards = 16,
                   DeadlockPolicy deadlocks = DeadlockPolicy::kFail, CustomTypes types = {});

  // Time passes, and the manager runs: everything happens when it is due.
  void advance(Duration duration);
  // Time passes, and the manager does not run.
  void pause(Duration duration);

  HandClock clock;
  std::vector<v1::Deadlock> found_deadlocks;  // of one thread
  Engine engine;
  Dispatcher dispatcher;
};

// A connection that records what is appended to it. Thread-safe.
class RecordingPort final : public Port {
 public:
  void append(const v1::Outcome& outcome) override;
  void append_bytes(std::string_view outcome) override;
  void flush() override { ++flushed; }
  void session_over() override { over = true; }
  void parked(std::uint32_t shard, Ticket ticket) override;
  void gave(const Gift& gift, const v1::Outcome& outcome) override;

  // What has arrived since this was asked last.
  std::vector<v1::Outcome> take();

  std::atomic<int> flushed{0};
  std::atomic<bool> over{false};
  std::vector<std::pair<std::uint32_t, Ticket>> tickets;
  std::vector<std::pair<Gift, v1::Outcome>> gifts;

 private:
  Mutex mutex_;
  std::vector<v1::Outcome> outcomes_ MP_GUARDED_BY(mutex_);
};

// One client process with one connection; of one thread.
class Client {
 public:
  // With a session of its own, which nobody watches unless the test says so.
  explicit Client(Manager& manager);
  Client(Manager& manager, std::shared_ptr<Session> its_session);

  // Sends a command under the next seq, and returns that.
  std::uint64_t send(v1::Command command);
  void send_as(std::uint64_t seq, const v1::Command& command);
  void resend(std::uint64_t seq) { send_as(seq, sent_.at(seq)); }
  std::vector<v1::Outcome> outcomes() { return port->take(); }

  // Sends a command that is answered at once. call() gives the answer as text: "done", "KEY_ERROR",
  // "7".
  v1::Outcome ask(v1::Command command);
  std::string call(v1::Command command);
  // Makes an object, and gives its id.
  std::uint64_t make(v1::Command create);
  // Acquires a lock that is free, and gives the token.
  std::uint64_t lock(const Which& lock);

  // All answers have arrived but those to these seqs, ascending.
  void acknowledge_but(const std::vector<std::uint64_t>& unanswered = {});
  // The connection is lost with what it has not read; there is a new one.
  void reconnect() { port = std::make_shared<RecordingPort>(); }
  void end() { manager_.engine.end_session(session); }

  std::shared_ptr<Session> session;  // null: unary calls without a session
  std::shared_ptr<RecordingPort> port = std::make_shared<RecordingPort>();

 private:
  Manager& manager_;
  std::uint64_t last_seq_ = 0;
  std::map<std::uint64_t, v1::Command> sent_;
};

using test::field;
using test::text;

inline std::string literal_text(int number) { return std::to_string(number); }
inline std::string literal_text(std::string_view text) { return std::string(text); }

bool is(const auto& seq, const v1::Outcome& outcome) {
  return testing::Value(outcome.seq(), testing::MatcherCast<std::uint64_t>(seq));
}

// What became of the command with this seq (or `_`). Returns() compares the reply's `value`.
MATCHER_P(Done, seq, "") { return is(seq, arg) && !arg.has_error(); }
MATCHER_P2(Fails, seq, code, "") { return is(seq, arg) && arg.error().code() == code; }
MATCHER_P2(Returns, seq, expected, "") {
  return is(seq, arg) && field(arg, "value") == literal_text(expected);
}
// A lock, from an owner who released it, or who died.
MATCHER_P(Grants, seq, "") {
  return is(seq, arg) && arg.lock_acquire().acquired() && !arg.lock_acquire().previous_owner_died();
}
MATCHER_P(GrantsAfterDeath, seq, "") {
  return is(seq, arg) && arg.lock_acquire().acquired() && arg.lock_acquire().previous_owner_died();
}
MATCHER_P(TimesOut, seq, "") {
  return is(seq, arg) && arg.has_lock_acquire() && !arg.lock_acquire().acquired();
}

// Runs `first` and `second` at the same moment in two threads, and then `check`, time and again.
void race(int rounds, const std::function<void()>& first, const std::function<void()>& second,
          const std::function<void()>& check);

// The seeds of a property test: 1, 2, …, or the environment's MP_TEST_SEED alone.
std::vector<unsigned> random_seeds(unsigned count);

}  // namespace mp::server::engine_test

// Where gtest prints an outcome.
namespace mp::v1 {
void PrintTo(const Outcome& outcome, std::ostream* out);
}
