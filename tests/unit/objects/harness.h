#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/message.h"
#include "server/objects/kinds.h"
#include "tests/unit/objects/literal.h"

// A shard in miniature around one object, or a few, with a hand-turned clock. Every event gives the
// ordered list of what it made ready, so that a test reads as the specification:
//
//   EXPECT_THAT(get(1), IsEmpty());                         // parked
//   EXPECT_THAT(put(2, 7), ElementsAre(Done(2), Returns(1, 7)));

namespace mp::server::test {

// Who runs a command. A bare number n is ticket n of session n.
struct Who {
  // NOLINTNEXTLINE(google-explicit-constructor): get(1) is the point.
  Who(int n) : ticket(static_cast<Ticket>(n)), owner{.session = static_cast<SessionId>(n)} {}
  Who(Ticket number, SessionId session, std::uint64_t handle = 0)
      : ticket(number), owner{.session = session, .handle = handle} {}
  Ticket ticket;
  Owner owner;
};

struct Result {
  Ticket ticket;
  v1::Outcome outcome;
};
using Results = std::vector<Result>;

// "KEY_ERROR" for a failure, "done" for an empty reply, else its one field, or all: "value=7
// item=1".
std::string text(const v1::Outcome& outcome);
// The text of one field of the reply; empty if there is none of this name.
std::string field(const v1::Outcome& outcome, std::string_view name);
void PrintTo(const Result& result, std::ostream* out);
[[noreturn]] void abort_with(std::string_view what, std::string_view which);

// The operation that takes `request`; aborts if there is none.
const Operation& operation_of(const google::protobuf::Message& request);
// Where the reply to `request` stands in `outcome`.
google::protobuf::Message& reply_in(v1::Outcome& outcome, const google::protobuf::Message& request);
// A default message of this type.
std::unique_ptr<google::protobuf::Message> new_message(const google::protobuf::Descriptor* type);
// The same from its text form, as in `key { str: 'a' }`; aborts if that is malformed.
std::unique_ptr<google::protobuf::Message> parsed(const google::protobuf::Descriptor* type,
                                                  const std::string& text_form);

class Shell {
 public:
  // With the object that a Create request asks for.
  explicit Shell(const google::protobuf::Message& create);
  ~Shell();

  // Objects are numbered from 1: a request that names none by its id is for the first one.
  using ObjectId = std::uint64_t;
  static constexpr ObjectId kFirst = 1;
  // One more, made for the first one: a condition over a lock.
  ObjectId add_over_first(const google::protobuf::Message& create);

  // The events. A command whose timeout is 0 expires in the event that parked it.
  Results run(Who who, const google::protobuf::Message& request);
  Results expire(Ticket ticket);
  Results abandon(Ticket ticket);
  Results owner_gone(SessionId session);
  Results owner_closed(SessionId session);
  Results take_back(const Result& given);
  Results dissolve(const absl::Status& why);
  // Turns the clock, and expires what falls due, in order.
  Results advance(Duration duration);

  // The session has ended, and nothing of it is swept yet.
  void kill(SessionId session) { dead_.insert(session); }

  // A command of session 1 that does not wait, and its outcome as text.
  std::string ask(const google::protobuf::Message& request);

  // An operation of a batch: waiters are served by the settle() after it.
  Result run_in_batch(Who who, const google::protobuf::Message& request, UndoLog& log);
  Results settle();

  Object& object(ObjectId id = kFirst) { return *objects_.at(id - 1); }
  const std::set<Ticket>& parked() const { return parked_; }
  // Has the session of this command ended?
  bool is_dead(Ticket ticket) const;
  std::set<std::uint64_t> refs() const;
  Time now() const { return now_; }
  ObjectLimits limits;

 private:
  class ShellStep;
  struct Timer {
    Time when;
    Ticket ticket;
    auto operator<=>(const Timer&) const = default;
  };

  // Where a command, or an alarm, came from.
  struct Origin {
    SessionId session;
    ObjectId object;
  };

  ObjectId make(const google::protobuf::Message& create, const Related& related);
  static ObjectId named_by(const google::protobuf::Message& request);
  ObjectId object_of(Ticket ticket) const;
  void note(ObjectId id, const google::protobuf::Message& request);
  // One event of an object: what `action` makes ready, then what settle() does.
  template <class Action>
  Results event(ObjectId object, Action action);
  template <class Action>
  Results event_of_all(Action action);
  void forget(SessionId session);

  std::vector<std::shared_ptr<Object>> objects_;
  Time now_{std::chrono::hours(1)};
  std::set<SessionId> dead_;
  std::set<Timer> timers_;
  std::set<Ticket> parked_;
  std::map<Ticket, Origin> origins_;
  Ticket last_alarm_ = 1'000'000'000;
  Ticket last_asked_ = 2'000'000'000;
  std::uint64_t last_token_ = 0;
};

inline std::string literal_text(int number) { return std::to_string(number); }
inline std::string literal_text(std::string_view text) { return std::string(text); }

// What became of the command with this ticket. Returns() compares the reply's `value`: Returns(3,
// 7), Returns(3, "'a'").
MATCHER_P(Done, ticket, "") {
  return arg.ticket == static_cast<Ticket>(ticket) && !arg.outcome.has_error();
}
MATCHER_P2(Fails, ticket, code, "") {
  return arg.ticket == static_cast<Ticket>(ticket) && arg.outcome.error().code() == code;
}
MATCHER_P2(Returns, ticket, expected, "") {
  return arg.ticket == static_cast<Ticket>(ticket) &&
         field(arg.outcome, "value") == literal_text(expected);
}

// The seeds of a property test: 1, 2, …, or from the environment's MP_TEST_SEED on.
std::vector<unsigned> seeds(unsigned count);

}  // namespace mp::server::test
