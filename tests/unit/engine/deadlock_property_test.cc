#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/unit/engine/deadlock_fixture.h"
#include "tests/unit/engine/deadlock_model.h"

// Parties who acquire and release locks of all kinds at random, patiently or not, with leases and
// without, and die: against the brute force of deadlock_model.h. Nobody is refused who could go on,
// and nobody is left who could not.

namespace mp::server::engine_test {
namespace {

constexpr std::size_t kClients = 4;
constexpr int kHandles = 2;

class DeadlockHistory {
 public:
  DeadlockHistory(unsigned seed, DeadlockPolicy policy)
      : random_(seed), policy_(policy), manager_({}, 16, policy) {
    Client maker(manager_);
    manager_.engine.watch(maker.session->id());
    for (const char* name : {"L0", "L1", "L2"}) maker.call(create_lock(name));
    for (const char* name : {"R0", "R1"}) maker.call(create_rlock(name));
    for (const char* name : {"W0", "W1"}) maker.call(create_rwlock(name));
    maker.call(create_seats("S0", 2));
    maker.call(create_seats("S1", 1));
    maker.call(create_semaphore("S2", 1));
    maker.call(create_condition("C", "L0"));
    for (std::size_t i = 0; i < kClients; ++i) join(i);
  }

  void run(int events) {
    for (int event = 0; event < events && !testing::Test::HasFailure(); ++event) {
      SCOPED_TRACE(absl::StrCat("event ", event));
      last_ = {};
      one_event();
      manager_.engine.tick();
      resolve();
    }
  }

  std::size_t found() const { return manager_.found_deadlocks.size(); }
  // Refusals of waits that others closed a cycle with: by a death, a grant, a lease that ran out.
  std::size_t refused_later() const { return refused_later_; }

 private:
  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
  bool one_in(int many) { return below(many) == 0; }

  std::size_t some_client() { return static_cast<std::size_t>(below(static_cast<int>(kClients))); }
  void join(std::size_t which) {
    if (which == clients_.size()) clients_.emplace_back();
    clients_[which] = std::make_unique<Client>(manager_);
    manager_.engine.watch(clients_[which]->session->id());
  }
  void kill(std::size_t which) {
    clients_[which]->end();
    join(which);
  }

  void one_event() {
    if (one_in(60)) return kill(some_client());
    if (one_in(20)) return manager_.advance(seconds(1 + below(5)));
    Client& client = *clients_[some_client()];
    const auto handle = 1 + static_cast<std::uint64_t>(below(kHandles));
    if (DeadlockModel(manager_.engine).is_blocked({client.session->id(), handle})) return;
    v1::Command command = below(5) < 3 ? some_acquire() : some_release();
    command.set_owner(handle);
    last_ = {client.session->id(), client.send(command)};
    if (command.has_rwlock_acquire_read()) wanted_[last_] = DeadlockModel::Access::kRead;
    if (command.has_rwlock_acquire_write()) wanted_[last_] = DeadlockModel::Access::kWrite;
  }

  // A command: its session, and its seq there.
  using Sent = std::pair<SessionId, std::uint64_t>;
  struct Refused {
    ObjectId object;
    DeadlockModel::Wait wait;
    std::string message;
  };

  // What was refused, whether it had waited until then or not, would have been a deadlock, had it
  // gone on waiting.
  void expect_deadlocks() {
    std::vector<Refused> all = refused();
    if (all.empty()) return;
    // Whom a reader stood behind stands before it here, too.
    std::ranges::stable_partition(
        all, [](const Refused& one) { return one.wait.access == DeadlockModel::Access::kWrite; });
    DeadlockModel model(manager_.engine);
    for (const Refused& one : all) model.objects.at(one.object).line.push_back(one.wait);
    const auto stuck = model.stuck();
    for (const Refused& one : all)
      EXPECT_TRUE(stuck.contains(one.wait.party)) << "a false alarm: " << one.message;
  }
  std::vector<Refused> refused() {
    std::vector<Refused> all;
    for (auto& client : clients_) {
      for (const v1::Outcome& outcome : client->outcomes()) {
        if (outcome.error().cycle_size() == 0) continue;
        const Sent sent{client->session->id(), outcome.seq()};
        if (sent != last_) ++refused_later_;
        const v1::WaitFor& wait = outcome.error().cycle(0);
        EXPECT_EQ(wait.waiter().session(), sent.first);
        const auto access = wanted_.find(sent);
        all.push_back(
            {.object = wait.object(),
             .wait = {{sent.first, wait.waiter().owner()},
                      access == wanted_.end() ? DeadlockModel::Access::kOnly : access->second,
                      DeadlockModel::Patience::kBlocked},
             .message = outcome.error().message()});
      }
    }
    return all;
  }

  // What was told and left as it is, is so, and nothing else is left. All is left if nobody shall
  // be refused, and else what nobody can be: a wait of a condition for a lock that its owner has.
  void resolve() {
    while (true) {
      expect_deadlocks();
      const auto stuck = DeadlockModel(manager_.engine).stuck();
      for (; checked_ < manager_.found_deadlocks.size(); ++checked_) {
        const v1::Deadlock& found = manager_.found_deadlocks[checked_];
        EXPECT_TRUE(policy_ == DeadlockPolicy::kFail || found.reported_only());
        if (!found.reported_only()) continue;
        for (const v1::WaitFor& wait : found.cycle()) {
          const DeadlockModel::Party party{wait.waiter().session(), wait.waiter().owner()};
          EXPECT_TRUE(stuck.contains(party)) << "a false alarm";
        }
      }
      if (stuck.empty()) return;
      const std::optional<std::size_t> victim = one_of_the_last();
      ASSERT_TRUE(victim) << "a deadlock was missed";
      kill(*victim);
      manager_.engine.tick();
    }
  }
  std::optional<std::size_t> one_of_the_last() {
    for (const v1::Deadlock& found : std::views::reverse(manager_.found_deadlocks)) {
      if (!found.reported_only()) continue;
      for (std::size_t i = 0; i < kClients; ++i) {
        if (clients_[i]->session->id() == found.cycle(0).waiter().session()) return i;
      }
    }
    return std::nullopt;
  }

  v1::Command some_acquire() {
    const Timeout lease = one_in(8) ? Timeout(seconds(1 + below(9))) : Timeout();
    const int patience = below(5);
    const Timeout timeout = patience == 0 ? Timeout(seconds(below(9))) : Timeout();
    const std::string number = std::to_string(below(2));
    v1::Command command;
    switch (below(6)) {
      case 0:
        command = acquire_rlock("R" + number, timeout, lease);
        break;
      case 1:
        command = acquire_read("W" + number, timeout, lease);
        break;
      case 2:
        command = acquire_write("W" + number, timeout, lease);
        break;
      case 3:
        command = acquire_permit("S" + std::to_string(below(3)), timeout, lease);
        break;
      case 4:
        if (one_in(2)) {
          command = wait("C", timeout);
          break;
        }
        [[fallthrough]];
      default:
        command = acquire("L" + std::to_string(below(3)), timeout, lease);
    }
    const bool is_wait = command.has_condition_wait();
    command.set_caller_blocks((patience > 1 && !timeout) || is_wait);
    return command;
  }

  // Mostly of what it does not hold, which changes nothing; permits are released by holders only.
  v1::Command some_release() {
    const std::string number = std::to_string(below(2));
    switch (below(6)) {
      case 0:
        return release_rlock("R" + number);
      case 1:
        return release_read("W" + number);
      case 2:
        return release_write("W" + number);
      case 3:
        return notify("C");
      default:
        return release("L" + std::to_string(below(3)));
    }
  }

  std::mt19937 random_;
  const DeadlockPolicy policy_;
  Manager manager_;
  std::vector<std::unique_ptr<Client>> clients_;
  Sent last_{};                                   // by this event
  std::map<Sent, DeadlockModel::Access> wanted_;  // of rwlocks
  std::size_t refused_later_ = 0;
  std::size_t checked_ = 0;
};

TEST(DeadlockPropertyTest, WhoIsRefusedCouldNotGoOnAndNobodyIsLeftWhoCannot) {
  std::size_t found = 0;
  std::size_t refused_later = 0;
  const std::vector<unsigned> seeds = random_seeds(150);
  for (const unsigned seed : seeds) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    DeadlockHistory history(seed, DeadlockPolicy::kFail);
    history.run(250);
    found += history.found();
    refused_later += history.refused_later();
    if (HasFailure()) return;
  }
  EXPECT_GE(found, seeds.size()) << "hardly a deadlock came about";
  if (seeds.size() == 1) return;
  EXPECT_GE(refused_later, 1U) << "none came about by what others did";
}

TEST(DeadlockPropertyTest, WhatIsReportedIsSoAndAllIsReported) {
  std::size_t found = 0;
  const std::vector<unsigned> seeds = random_seeds(150);
  for (const unsigned seed : seeds) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    DeadlockHistory history(seed, DeadlockPolicy::kReport);
    history.run(250);
    found += history.found();
    if (HasFailure()) return;
  }
  EXPECT_GE(found, seeds.size()) << "hardly a deadlock came about";
}

}  // namespace
}  // namespace mp::server::engine_test
