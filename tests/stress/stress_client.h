#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/engine/harness.h"

namespace mp::server::engine_test {

// A client process whose threads share one session, and which keeps to the protocol: it
// acknowledges what it has, gives up now and then, and sends again. Its books say what must have
// become of each command. Thread-safe.
class StressClient final : public Port, public std::enable_shared_from_this<StressClient> {
 public:
  explicit StressClient(Manager& manager);

  void send(const v1::Command& command);
  // One of the latest commands, once more.
  void resend(std::uint64_t random);
  // Gives up on one of the latest commands.
  void give_up(std::uint64_t random);
  void acknowledge();
  void end() { manager_.engine.end_session(session_); }

  void append(const v1::Outcome& outcome) override;
  void append_bytes(std::string_view outcome) override;
  void flush() override {}

  const std::shared_ptr<Session>& session() const { return session_; }

  // What the books say, once all is over.
  struct Books {
    std::uint64_t added = 0;          // in all counters
    std::multiset<std::int64_t> put;  // items, by puts that succeeded
    std::multiset<std::int64_t> got;  // that arrived here at some time
    std::multiset<std::int64_t>
        kept;  // that arrived, were acknowledged in time, and can't have gone back
    std::vector<std::string> unanswered;
    std::vector<std::string> contradictions;  // two answers to one mutation that differ
  };
  Books books();

 private:
  struct Sent {
    std::uint64_t seq = 0;
    v1::Command command;
    std::string outcome;      // bytes, once it is answered
    bool cancelling = false;  // the answer to a cancel is on its way
    bool cancelled = false;
    bool acknowledged = false;

    bool settled() const { return (!outcome.empty() || cancelled) && !cancelling; }
  };

  std::uint64_t record(const v1::Command& command);
  // One of the latest, or null.
  Sent* recent(std::uint64_t random);
  void dispatch(std::uint64_t seq, const v1::Command& command);
  void enter(const Sent& sent, Books& books) const;

  Manager& manager_;
  const std::shared_ptr<Session> session_;
  Mutex mutex_;
  std::uint64_t last_seq_ = 0;
  std::map<std::uint64_t, Sent> sent_;
  std::set<std::uint64_t> open_;  // those that are not acknowledged
  std::vector<std::string> contradictions_;
};

}  // namespace mp::server::engine_test
