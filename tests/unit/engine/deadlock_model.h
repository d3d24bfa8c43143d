#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "server/engine/every_section.h"
#include "tests/unit/engine/harness.h"

// Who holds and who wants what, seen all at once: the brute force that the manager's search for
// deadlocks is measured against. It finds those who can go on: who does not wait, then everybody
// who waits for nothing but what those may release, and so on. The others never will.

namespace mp::server::engine_test {

class DeadlockModel {
 public:
  using Party = std::pair<SessionId, std::uint64_t>;
  enum class Access { kOnly, kRead, kWrite };
  enum class Patience { kBlocked, kTimed, kAsync };

  struct Hold {
    Party party;
    Access access;
    bool leased;
  };
  struct Wait {
    Party party;
    Access access;
    Patience patience;
  };
  struct Object {
    Kind kind;
    bool of_seats = false;  // a bounded semaphore
    std::vector<Hold> holds;
    std::vector<Wait> line;  // in order of arrival
  };
  std::map<ObjectId, Object> objects;

  static Party party_of(const Owner& owner) { return {owner.session, owner.handle}; }

  // As the manager is now.
  explicit DeadlockModel(Engine& engine) {
    Deliveries deliveries;
    EverySection world(engine, deliveries);
    for (Section& section : world) {
      for (const auto& [id, hosted] : section.objects()) add_holds(section, hosted);
      std::map<Ticket, const Parked*> parked;
      for (const auto& [ticket, each] : section.parked()) parked.emplace(ticket, &each);
      for (const auto& [ticket, each] : parked) add_wait(section, ticket, *each);
    }
  }

  bool is_blocked(const Party& party) const {
    bool found = false;
    visit_blocked([&](const Object&, std::size_t, const Wait& wait) {
      found = found || wait.party == party;
    });
    return found || elsewhere_.contains(party);
  }

  // Those of whom nobody ever goes on.
  std::set<Party> stuck() const {
    std::set<Party> stuck;
    visit_blocked([&](const Object&, std::size_t, const Wait& wait) { stuck.insert(wait.party); });
    for (const Party& party : elsewhere_) stuck.erase(party);
    for (bool changed = true; changed;) {
      changed = false;
      visit_blocked([&](const Object& object, std::size_t place, const Wait& wait) {
        if (may_end(object, place, wait, stuck)) changed = stuck.erase(wait.party) != 0 || changed;
      });
    }
    return stuck;
  }

 private:
  void add_holds(Section& section, const HostedObject& hosted) {
    Object& object = objects[hosted.id];
    object.kind = hosted.object->kind();
    object.of_seats = object.kind == Kind::kSemaphore && is_bounded(section, hosted);
    const std::uint64_t writer = writer_of(section, hosted);
    for (const Holding& holding : hosted.object->holders()) {
      const Access access = object.kind != Kind::kRWLock ? Access::kOnly
                            : holding.token == writer    ? Access::kWrite
                                                         : Access::kRead;
      object.holds.push_back({party_of(holding.owner), access, holding.lease_ends.has_value()});
    }
  }

  static std::uint64_t writer_of(Section& section, const HostedObject& hosted) {
    if (hosted.object->kind() != Kind::kRWLock) return 0;
    v1::Command command;
    command.mutable_rwlock_write_locked()->set_id(hosted.id);
    return ask(section, hosted, command).rwlock_write_locked().token();
  }

  static bool is_bounded(Section& section, const HostedObject& hosted) {
    v1::Command command;
    command.mutable_semaphore_get_value()->set_id(hosted.id);
    return ask(section, hosted, command).semaphore_get_value().bounded();
  }

  static v1::Outcome ask(Section& section, const HostedObject& hosted, const v1::Command& command) {
    const Catalog::Entry& entry = *Catalog::get().find(command);
    v1::Outcome outcome;
    UndoLog nothing;
    const absl::Status status = section.run_in_batch(*section.find(hosted.id),
                                                     {.kind = *entry.kind,
                                                      .operation = *entry.operation,
                                                      .request = entry.request_in(command),
                                                      .reply = entry.reply_in(outcome),
                                                      .outcome = outcome},
                                                     {}, nothing);
    EXPECT_TRUE(status.ok());
    return outcome;
  }

  void add_wait(Section& section, Ticket ticket, const Parked& parked) {
    const Party party = party_of(parked.origin.party());
    const bool blocks = parked.blocks_its_owner();
    if (parked.kind->kind == Kind::kCondition) {
      // In the line of the lock, or waiting for anybody to notify it.
      const WaitsFor what = section.find(parked.object)->object->waits_for(ticket);
      if (what.holders.empty()) {
        if (blocks) elsewhere_.insert(party);
        return;
      }
      Object& over = objects[parked.object];
      over.kind = Kind::kCondition;
      for (const Holding& holding : what.holders)
        over.holds = {{party_of(holding.owner), Access::kOnly, holding.lease_ends.has_value()}};
      over.line.push_back({party, Access::kOnly, blocks ? Patience::kBlocked : Patience::kAsync});
      return;
    }
    const Access access = parked.operation->rpc == "AcquireRead"    ? Access::kRead
                          : parked.operation->rpc == "AcquireWrite" ? Access::kWrite
                                                                    : Access::kOnly;
    objects[parked.object].line.push_back({party, access,
                                           parked.deadline ? Patience::kTimed
                                           : blocks        ? Patience::kBlocked
                                                           : Patience::kAsync});
  }

  template <class Visit>
  void visit_blocked(Visit visit) const {
    for (const auto& [id, object] : objects) {
      for (std::size_t place = 0; place < object.line.size(); ++place) {
        if (object.line[place].patience == Patience::kBlocked)
          visit(object, place, object.line[place]);
      }
    }
  }

  static bool may_end(const Object& object, std::size_t place, const Wait& wait,
                      const std::set<Party>& stuck) {
    const auto may_release = [&](const Hold& hold) {
      return hold.leased || !stuck.contains(hold.party);
    };
    if (object.kind == Kind::kSemaphore) {
      // Who waits for one more may have what others give back.
      const auto waits_here = [&](const Hold& hold) {
        return std::ranges::any_of(object.line, [&](const Wait& other) {
          return other.party == hold.party && other.patience == Patience::kBlocked;
        });
      };
      return !object.of_seats || object.holds.empty() ||
             std::ranges::any_of(object.holds, may_release) ||
             std::ranges::any_of(object.holds, waits_here);
    }
    if (wait.access != Access::kRead) return std::ranges::all_of(object.holds, may_release);
    const auto writes = [](const auto& each) { return each.access == Access::kWrite; };
    const auto writer = std::ranges::find_if(object.holds, writes);
    if (writer != object.holds.end()) return may_release(*writer);
    if (std::ranges::all_of(object.holds, may_release)) return true;
    // Readers keep it from writers, who stand before this one unless they give up.
    return std::none_of(
        object.line.begin(), object.line.begin() + static_cast<std::ptrdiff_t>(place),
        [&](const Wait& other) {
          return writes(other) && other.patience != Patience::kTimed && stuck.contains(other.party);
        });
  }

  std::set<Party> elsewhere_;  // who wait where anybody may end it
};

}  // namespace mp::server::engine_test
