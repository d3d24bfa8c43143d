#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/unit/engine/deadlock_fixture.h"
#include "tests/unit/engine/guests.h"

// Clients, and methods that they call, and that call one another, take locks at random and wait for
// them: against brute force over what the test itself knows of all of them. Nobody is refused who
// could go on, and nobody is left who could not.

namespace mp::server::engine_test {
namespace {

constexpr int kLocks = 3;
constexpr int kHalls = 2;
constexpr int kClients = 4;

// A client's thread, or the thread of a method that runs: who can hold and wait.
struct Actor {
  CallId runs = 0;                 // 0: a client's thread
  std::optional<int> called_by{};  // an actor
  int hall = -1;                   // of the method
  bool alone = false;
  std::set<int> holds{};
  // What it waits for.
  int wants_lock = -1;
  int calls_hall = -1;
  bool calls_alone = false;
  std::optional<int> callee{};  // its call runs

  bool waits() const { return wants_lock >= 0 || calls_hall >= 0; }
};

class World {
 public:
  std::map<int, Actor> actors;
  std::map<int, std::vector<int>> lines{};  // of halls: who waits there

  // Those of whom nobody ever goes on.
  std::set<int> stuck() const {
    std::set<int> stuck;
    for (const auto& [id, actor] : actors) {
      if (actor.waits()) stuck.insert(id);
    }
    for (bool changed = true; changed;) {
      changed = false;
      for (const auto& [id, actor] : actors) {
        if (stuck.contains(id) && may_go_on(id, actor, stuck)) changed = stuck.erase(id) != 0;
      }
    }
    return stuck;
  }
  std::vector<int> guests_of(int hall) const {
    std::vector<int> guests;
    for (const auto& [id, actor] : actors) {
      if (actor.hall == hall) guests.push_back(id);
    }
    return guests;
  }
  std::optional<int> holder_of(int lock) const {
    for (const auto& [id, actor] : actors) {
      if (actor.holds.contains(lock)) return id;
    }
    return std::nullopt;
  }
  bool is_shared(int hall) const {
    const auto guests = guests_of(hall);
    return !guests.empty() && !actors.at(guests.front()).alone;
  }

 private:
  bool may_go_on(int id, const Actor& actor, const std::set<int>& stuck) const {
    const auto goes_on = [&](int other) { return !stuck.contains(other); };
    if (actor.callee) return goes_on(*actor.callee);
    if (actor.wants_lock >= 0) {
      const auto holder = holder_of(actor.wants_lock);
      return !holder || goes_on(*holder);
    }
    if (std::ranges::all_of(guests_of(actor.calls_hall), goes_on)) return true;
    if (actor.calls_alone || !is_shared(actor.calls_hall)) return false;
    // Readers keep it out only through who stands before it, and must be alone.
    const std::vector<int>& line = lines.at(actor.calls_hall);
    return std::none_of(line.begin(), std::ranges::find(line, id), [&](int other) {
      return actors.at(other).calls_alone && stuck.contains(other);
    });
  }
};

class CustomHistory {
 public:
  explicit CustomHistory(unsigned seed) : random_(seed) {
    Client maker(manager_);
    for (int i = 0; i < kLocks; ++i) maker.call(create_lock(lock_name(i)));
    for (int i = 0; i < kHalls; ++i) {
      maker.send(create_guests(hall_name(i)));
      while (maker.outcomes().empty()) std::this_thread::yield();
    }
    for (Client* client : {&clients_, &methods_}) manager_.engine.watch(client->session->id());
    for (int i = 1; i <= kClients; ++i) world_.actors[i] = {};
  }
  ~CustomHistory() { guests_->let_go_all(); }
  CustomHistory(const CustomHistory&) = delete;
  CustomHistory& operator=(const CustomHistory&) = delete;

  void run(int events) {
    for (int event = 0; event < events && !testing::Test::HasFailure(); ++event) {
      SCOPED_TRACE(absl::StrCat("event ", event));
      manager_.clock.set(manager_.clock.now() + milliseconds(1));
      one_event();
      EXPECT_TRUE(world_.stuck().empty()) << "a deadlock was missed";
    }
    wind_up();
  }
  std::size_t found() const { return manager_.found_deadlocks.size(); }

 private:
  static std::string lock_name(int i) { return absl::StrCat("L", i); }
  static std::string hall_name(int i) { return absl::StrCat("H", i); }
  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }

  Client& client_of(const Actor& actor) { return actor.runs == 0 ? clients_ : methods_; }

  void one_event() {
    std::vector<int> free;
    for (const auto& [id, actor] : world_.actors) {
      if (!actor.waits()) free.push_back(id);
    }
    const int id = free[static_cast<std::size_t>(below(static_cast<int>(free.size())))];
    Actor& actor = world_.actors.at(id);
    const int what = below(10);
    if (what < 4) return acquire_one(id, below(kLocks));
    if (what < 7) return call_one(id, below(kHalls), below(2) == 0);
    if (what < 9 && !actor.holds.empty()) return release_one(id, *actor.holds.begin());
    if (actor.runs != 0) end_call(id);
  }

  // Sends it as a thread that waits for it. Refused: it was no false alarm, and nothing remains.
  bool goes_in(int id, v1::Command command) {
    Actor& actor = world_.actors.at(id);
    command.set_owner(static_cast<std::uint64_t>(id));
    Client& client = client_of(actor);
    seqs_[id] = client.send(blocking(inside(actor.runs, std::move(command))));
    const std::optional<v1::Outcome> outcome = outcome_of(id);
    if (!outcome || !outcome->has_error()) return true;
    EXPECT_EQ(outcome->error().code(), v1::DEADLOCK) << outcome->error().message();
    EXPECT_TRUE(world_.stuck().contains(id)) << "a false alarm: " << outcome->error().message();
    return false;
  }
  void acquire_one(int id, int lock) {
    Actor& actor = world_.actors.at(id);
    actor.wants_lock = lock;
    if (!goes_in(id, acquire(lock_name(lock)))) {
      actor.wants_lock = -1;
    } else if (!world_.holder_of(lock)) {
      take(id);
    }
  }
  void take(int id) {
    Actor& actor = world_.actors.at(id);
    actor.holds.insert(actor.wants_lock);
    actor.wants_lock = -1;
    seqs_.erase(id);
  }
  void release_one(int id, int lock) {
    Actor& actor = world_.actors.at(id);
    v1::Command command = release(lock_name(lock));
    command.set_owner(static_cast<std::uint64_t>(id));
    client_of(actor).send(std::move(command));
    actor.holds.erase(lock);
    for (auto& [other, waiting] : world_.actors) {
      if (waiting.wants_lock == lock && outcome_of(other)) return take(other);
    }
  }

  void call_one(int id, int hall, bool alone) {
    Actor& actor = world_.actors.at(id);
    actor.calls_hall = hall;
    actor.calls_alone = alone;
    std::vector<int>& line = world_.lines[hall];
    line.push_back(id);
    if (!goes_in(id, call_guests(hall_name(hall), alone ? "alone" : "beside", id))) {
      std::erase(line, id);
      actor.calls_hall = -1;
    }
    let_in(hall);
  }
  // Those whose turn it is come in; and a reader whose chain reads there already, before its turn.
  void let_in(int hall) {
    std::vector<int>& line = world_.lines[hall];
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t place = 0; place < line.size() && !changed; ++place) {
        const bool alone = world_.actors.at(line[place]).calls_alone;
        const bool fits = world_.guests_of(hall).empty() || (!alone && world_.is_shared(hall));
        if (fits && (place == 0 || (!alone && passes(line[place], hall)))) {
          come_in(guests_->await());
          changed = true;
        }
      }
    }
  }
  bool passes(int id, int hall) const {
    for (std::optional<int> up = id; up; up = world_.actors.at(*up).called_by) {
      if (world_.actors.at(*up).hall == hall && !world_.actors.at(*up).alone) return true;
    }
    return false;
  }
  void come_in(const Guests::Guest& guest) {
    const int caller = static_cast<int>(guest.number);
    Actor& calling = world_.actors.at(caller);
    std::vector<int>& line = world_.lines[calling.calls_hall];
    ASSERT_EQ(std::erase(line, caller), 1U);
    const int id = ++last_;
    world_.actors[id] = {.runs = guest.call,
                         .called_by = caller,
                         .hall = calling.calls_hall,
                         .alone = calling.calls_alone};
    calling.callee = id;
  }

  void end_call(int id) {
    while (!world_.actors.at(id).holds.empty())
      release_one(id, *world_.actors.at(id).holds.begin());
    const Actor ended = world_.actors.at(id);
    guests_->let_go(ended.runs);
    while (!outcome_of(*ended.called_by)) std::this_thread::yield();
    world_.actors.erase(id);
    Actor& caller = world_.actors.at(*ended.called_by);
    caller.callee.reset();
    caller.calls_hall = -1;
    seqs_.erase(*ended.called_by);
    let_in(ended.hall);
  }
  // All locks are released, and all methods end.
  void wind_up() {
    for (bool changed = true; changed;) {
      changed = false;
      for (const auto& [id, actor] : std::map(world_.actors)) {
        if (actor.waits() || changed) continue;
        changed = true;
        if (actor.runs != 0) {
          end_call(id);
        } else if (!actor.holds.empty()) {
          release_one(id, *actor.holds.begin());
        } else {
          changed = false;
        }
      }
    }
  }

  std::optional<v1::Outcome> outcome_of(int id) {
    for (Client* client : {&clients_, &methods_}) {
      for (const v1::Outcome& outcome : client->outcomes())
        arrived_[{client == &methods_, outcome.seq()}] = outcome;
    }
    const bool of_methods = world_.actors.at(id).runs != 0;
    const auto at = arrived_.find({of_methods, seqs_.at(id)});
    return at == arrived_.end() ? std::nullopt : std::optional(at->second);
  }

  std::mt19937 random_;
  const std::shared_ptr<Guests> guests_ = std::make_shared<Guests>();
  Manager manager_{{}, 16, DeadlockPolicy::kFail, {guests_}};
  Client clients_{manager_};
  Client methods_{manager_};
  World world_;
  int last_ = kClients;
  std::map<int, std::uint64_t> seqs_;  // of what actors wait for
  std::map<std::pair<bool, std::uint64_t>, v1::Outcome> arrived_;
};

TEST(DeadlockCustomPropertyTest, WhoIsRefusedCouldNotGoOnAndNobodyIsLeftWhoCannot) {
  std::size_t found = 0;
  const std::vector<unsigned> seeds = random_seeds(60);
  for (const unsigned seed : seeds) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    CustomHistory history(seed);
    history.run(150);
    found += history.found();
    if (HasFailure()) return;
  }
  EXPECT_GE(found, seeds.size()) << "hardly a deadlock came about";
}

}  // namespace
}  // namespace mp::server::engine_test
