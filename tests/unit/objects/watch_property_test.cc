#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/unit/objects/random_history.h"
#include "tests/unit/objects/watch_fixture.h"

// Whoever applies the events of a watch to a copy has what the object has, whatever happens: also
// if it is slow and falls off the log, or begins anew from its position, or events come back.

namespace mp::server::test {
namespace {

using Contents = std::map<std::string, std::string>;

v1::Value key(Dice& dice) { return literal(std::to_string(dice.below(6))); }

class Replay {
 public:
  explicit Replay(unsigned seed) : dice_(seed) {
    dict_.limits.max_watch_events = static_cast<std::uint64_t>(4 + dice_.below(60));
    watch_ = dict_.add_over_first(request());
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      switch (dice_.below(8)) {
        case 0:
        case 1:
          read(static_cast<std::uint32_t>(dice_.below(3)));
          break;
        case 2:
          if (dice_.one_in(4)) begin_again();
          break;
        default:
          change();
      }
    }
    while (read(0)) continue;
    EXPECT_EQ(copy_, contents());
    EXPECT_EQ(version_, dict_.object().version());
  }

 private:
  v1::WatchCreateRequest request() {
    v1::WatchCreateRequest request;
    request.set_new_values(true);
    return request;
  }

  void run(const google::protobuf::Message& message) { dict_.run(Who(++last_, 1), message); }

  void change() {
    const auto number = [this] { return literal(std::to_string(dice_.below(100))); };
    v1::DictSetRequest set;
    v1::DictDeleteRequest erase;
    v1::DictUpdateRequest update;
    v1::DictAddRequest add;
    switch (dice_.below(8)) {
      case 0:
        *erase.mutable_key() = key(dice_);
        return run(erase);
      case 1:
        for (int i = dice_.below(4); i > 0; --i) {
          v1::Entry& entry = *update.add_entries();
          *entry.mutable_key() = key(dice_);
          *entry.mutable_value() = number();
        }
        return run(update);
      case 2:
        *add.mutable_key() = key(dice_);
        *add.mutable_operand() = number();
        return run(add);
      case 3:
        return dice_.one_in(4) ? run(v1::DictClearRequest()) : run(v1::DictPopItemRequest());
      case 4:
        return run_batch();
      default:
        *set.mutable_key() = key(dice_);
        *set.mutable_value() = number();
        return run(set);
    }
  }

  // Some operations at once, done or undone.
  void run_batch() {
    UndoLog log;
    Object& dict = dict_.object();
    const std::uint64_t before = dict.version();
    for (int i = 1 + dice_.below(3); i > 0; --i) {
      v1::DictSetRequest set;
      *set.mutable_key() = key(dice_);
      *set.mutable_value() = literal("'batch'");
      dict_.run_in_batch(Who(++last_, 1), set, log);
      dict.raise_version();
    }
    if (dice_.one_in(2)) {
      log.run();
      dict.restore_version(before);
    } else {
      dict.note_batch({.service = "mp.v1.Batches", .rpc = "Run"});
    }
    dict.tidy();
  }

  // False if there was nothing.
  bool read(std::uint32_t limit) {
    const Results results = dict_.run(Who(++last_, 1), next_of(watch_, 0, limit));
    const v1::WatchNextReply& reply = results.back().outcome.watch_next();
    if (dice_.one_in(5)) {
      dict_.take_back(results.back());
      return true;
    }
    for (const v1::WatchEvent& event : reply.events()) apply(event);
    if (!reply.events().empty()) version_ = reply.events().rbegin()->version();
    return !reply.events().empty();
  }

  void apply(const v1::WatchEvent& event) {
    EXPECT_TRUE(event.version() > version_ || (event.resync() && event.version() >= version_))
        << "not in order";
    if (event.resync() || event.everything()) copy_ = contents();
    for (const v1::Change& change : event.changes()) {
      if (change.has_new_()) {
        copy_[repr(change.key())] = repr(change.new_());
      } else {
        copy_.erase(repr(change.key()));
      }
    }
  }

  void begin_again() {
    v1::WatchCreateRequest again = request();
    again.mutable_resume()->set_object(dice_.one_in(5) ? 99 : Shell::kFirst);
    again.mutable_resume()->set_version(version_);
    watch_ = dict_.add_over_first(again);
  }

  // A resync says that the object is to be read as it is now: later events are part of it already,
  // and applying them again must do no harm.
  Contents contents() {
    Contents contents;
    const Results results = dict_.run(Who(++last_, 1), v1::DictItemsRequest());
    for (const v1::Entry& entry : results.back().outcome.dict_items().entries())
      contents[repr(entry.key())] = repr(entry.value());
    return contents;
  }

  Dice dice_;
  Shell dict_{v1::DictCreateRequest()};
  std::uint64_t watch_ = 0;
  Contents copy_;
  std::uint64_t version_ = 0;
  Ticket last_ = 0;
};

TEST(WatchProperty, ReplayingTheEventsGivesTheContents) {
  for (const unsigned seed : seeds(3000)) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Replay(seed).run(80);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace mp::server::test
