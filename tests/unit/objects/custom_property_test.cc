#include <deque>
#include <random>

#include "absl/strings/str_cat.h"
#include "tests/unit/objects/custom_fixture.h"

// Random histories of calls, ends, timeouts and deaths, against a model of the line.

namespace mp::server::test {
namespace {

struct Entry {
  Ticket ticket;
  SessionId session;
  bool reads;
  std::size_t job = 0;  // once it runs: which of those that began
  bool forsaken = false;
};

// What the object shall do: a line, and who is inside.
class Model {
 public:
  void call(const Entry& entry) {
    line_.push_back(entry);
    settle();
  }
  // Who was inside ends; its ticket, or 0 if nobody waits for it.
  Ticket end(std::size_t place) {
    const Entry ended = inside_[place];
    inside_.erase(inside_.begin() + static_cast<std::ptrdiff_t>(place));
    settle();
    return ended.forsaken ? 0 : ended.ticket;
  }
  bool waits(Ticket ticket) const {
    return std::ranges::find(line_, ticket, &Entry::ticket) != line_.end();
  }
  void leave(Ticket ticket) {
    std::erase_if(line_, [&](const Entry& each) { return each.ticket == ticket; });
    for (Entry& each : inside_) each.forsaken |= each.ticket == ticket;
    settle();
  }
  void die(SessionId session) {
    std::erase_if(line_, [&](const Entry& each) { return each.session == session; });
    for (Entry& each : inside_) each.forsaken |= each.session == session;
    settle();
  }

  const std::vector<Entry>& inside() const { return inside_; }
  const std::vector<Ticket>& begun() const { return begun_; }

 private:
  void settle() {
    while (!line_.empty()) {
      const bool all_read =
          std::ranges::all_of(inside_, [](const Entry& each) { return each.reads; });
      if (!inside_.empty() && !(all_read && line_.front().reads)) return;
      Entry entry = line_.front();
      line_.pop_front();
      entry.job = begun_.size() + 1;  // after the constructor
      begun_.push_back(entry.ticket);
      inside_.push_back(entry);
    }
  }

  std::deque<Entry> line_;
  std::vector<Entry> inside_;
  std::vector<Ticket> begun_;
};

class CustomPropertyTest : public CustomTest {
 protected:
  void start() {
    object_->be_hosted_as(1);
    create(1);
    construct();
  }
  void one_event(std::mt19937& random) {
    const auto any = [&](std::size_t below) { return random() % below; };
    switch (any(6)) {
      case 0:
      case 1: {
        const Entry entry{.ticket = ++last_, .session = 2 + any(4), .reads = any(2) == 0};
        if (dead_.contains(entry.session)) return;
        arrived_.push_back(entry.ticket);
        model_.call(entry);
        expect(call({entry.ticket, entry.session}, entry.reads ? "look" : "stay"), {});
        return;
      }
      case 2:
      case 3: {
        if (model_.inside().empty()) return;
        const std::size_t place = any(model_.inside().size());
        const std::size_t job = model_.inside()[place].job;
        const Ticket answered = model_.end(place);
        expect(end(job), answered == 0 ? std::vector<Ticket>{} : std::vector<Ticket>{answered});
        return;
      }
      case 4: {
        if (last_ == 1) return;
        const Ticket ticket = 2 + any(last_ - 1);
        if (any(2) == 0) {
          model_.leave(ticket);
          expect(abandon(ticket), {});
        } else {
          const bool waited = model_.waits(ticket);
          if (waited) model_.leave(ticket);
          expect(expire(ticket), waited ? std::vector<Ticket>{ticket} : std::vector<Ticket>{});
        }
        return;
      }
      default: {
        const SessionId session = 2 + any(40);  // seldom one of ours
        model_.die(session);
        expect(owner_gone(session), {});
        dead_.erase(session);  // another process comes under its number
      }
    }
  }
  void expect(const Results& results, const std::vector<Ticket>& tickets) {
    std::vector<Ticket> answered;
    for (const Result& each : results) answered.push_back(each.ticket);
    ASSERT_EQ(answered, tickets);
    std::vector<Ticket> begun;
    for (std::size_t i = 1; i < workshop_.begun.size(); ++i) {
      const CallId call = workshop_.begun[i].context.call;  // the constructor's was the first
      begun.push_back(arrived_.at(call - 2));
    }
    ASSERT_EQ(begun, model_.begun());
    ASSERT_EQ(object_->length(), model_.inside().size());
    for (const Entry& each : model_.inside()) ASSERT_EQ(is_cancelled(each.job), each.forsaken);
  }

  Model model_;
  Ticket last_ = 1;
  std::vector<Ticket> arrived_;
};

TEST_F(CustomPropertyTest, DoesAsItsModelDoes) {
  for (const unsigned seed : seeds(300)) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    std::mt19937 random(seed);
    workshop_ = {};
    object_ = std::make_unique<Custom>(&type_, &workshop_);
    model_ = {};
    last_ = 1;
    arrived_.clear();
    dead_.clear();
    start();
    for (int i = 0; i < 200 && !HasFailure(); ++i) one_event(random);
    while (!model_.inside().empty() && !HasFailure()) {
      const std::size_t job = model_.inside().front().job;
      const Ticket answered = model_.end(0);
      expect(end(job), answered == 0 ? std::vector<Ticket>{} : std::vector<Ticket>{answered});
    }
    EXPECT_TRUE(workshop_.here.empty()) << "whatever arrived has left";
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace mp::server::test
