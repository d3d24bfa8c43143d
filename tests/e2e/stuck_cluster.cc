// The processes of docs/guides/grpcurl-cookbook.md: a bank at closing time, whose writer stops in
// the middle of a transfer, so that nearly everybody waits for it. documented_cookbook.py starts
// each as a process of its own.
//
//     stuck_cluster MANAGER ROLE
//
// ROLE is also the name of the process.

#include <mp/mp.h>

#include <csignal>
#include <functional>
#include <iostream>
#include <map>
#include <string>

namespace {

// At once: the process may be stopped, or read by somebody else, before it ends.
void tell(const std::string& what) { std::cout << what << std::endl; }

// Takes ten coins from alice, and would give them to bob, but is stopped in between.
void write_ledger(const mp::Manager& manager) {
  const auto balances = manager.dict<std::string, int>("balances");
  balances.update({{"alice", 100}, {"bob", 100}});
  const auto plan = manager.list<std::string>({"take from alice", "give to bob"});  // its own
  const auto ledger = manager.lock("ledger");
  ledger.acquire();
  const std::uint64_t token = ledger.token();
  balances["alice"] -= 10;
  ::raise(SIGSTOP);
  try {
    balances.fenced_by(ledger, token).add("bob", 10);
    tell("gave bob 10");
  } catch (const mp::StaleTokenError&) {
    tell("came too late, and wrote nothing: the ledger has passed on");
  }
}

// Has the till, and wants the ledger too.
void count_till(const mp::Manager& manager) {
  const auto balances = manager.dict<std::string, int>("balances");
  const auto till = manager.lock("till");
  const auto ledger = manager.lock("ledger");
  till.acquire();
  ledger.acquire();
  if (ledger.previous_owner_died()) {
    const int missing = 200 - balances.at("alice") - balances.at("bob");
    balances["alice"] += missing;
    tell("the ledger's owner died in the middle; gave alice back " + std::to_string(missing));
  }
  ledger.release();
  till.release();
}

void arrive(const mp::Manager& manager) {
  manager.barrier("closing", 3).wait();
  tell("all are here");
}

// Will come to the barrier, and says so, but has to have had the till before.
void lock_doors(const mp::Manager& manager) {
  const auto closing = manager.barrier("closing", 3);
  closing.enlist();
  const auto till = manager.lock("till");
  till.acquire();
  till.release();
  arrive(manager);
}

void send_letters(const mp::Manager& manager) {
  tell("sent " + manager.queue<std::string>("letters").get());
}

// Locks one account after the other, as its twin does in the other order. The manager refuses one.
void pay(const mp::Manager& manager, const std::string& from, const std::string& to) {
  const auto first = manager.lock("account:" + from);
  const auto second = manager.lock("account:" + to);
  first.acquire();
  manager.barrier("both pay", 2).wait();
  try {
    second.acquire();
    second.release();
    tell("paid");
  } catch (const mp::DeadlockError&) {
    tell("refused");
  }
  first.release();
}

const std::map<std::string, std::function<void(const mp::Manager&)>> kRoles = {
    {"payer1", [](const mp::Manager& m) { pay(m, "alice", "bob"); }},
    {"payer2", [](const mp::Manager& m) { pay(m, "bob", "alice"); }},
    {"writer", write_ledger},
    {"teller1", count_till},
    {"teller2", lock_doors},
    {"branch1", arrive},
    {"branch2", arrive},
    {"mailer", send_letters},
};

}  // namespace

int main(int argc, char** argv) {
  const auto role = argc == 3 ? kRoles.find(argv[2]) : kRoles.end();
  if (role == kRoles.end()) {
    std::cerr << "usage: stuck_cluster MANAGER ROLE\n";
    return 2;
  }
  mp::current_process().set_name(role->first);
  role->second(mp::Manager::connect(argv[1]));
}
