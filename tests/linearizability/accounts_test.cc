#include "tests/linearizability/models/accounts.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/linearizability/histories.h"

// Objects of a user's own type: each call at one moment, those inside calls included; and once,
// whoever dies or is cut off while it waits, runs, or is answered.

namespace mp::linearizability {
namespace {

using namespace std::chrono_literals;

constexpr int kObject = 0;
constexpr int kAccounts = static_cast<int>(Accounts::kAccounts);

// Begins too late, or throws what a correct program expects.
template <class Call>
Result unless_refused(Call&& call) {
  const auto refused = [](std::int64_t why) {
    return Result{.outcome = Outcome::kRefused, .value = why};
  };
  try {
    return result_of(call());
  } catch (const TimeoutError&) {
    return refused(Accounts::kTooLate);
  } catch (const MethodError& error) {
    if (error.type_name() == "mp::contract::Overdrawn") return refused(Accounts::kOverdrawn);
    if (error.type_name() == "mp::DeadlockError") return refused(Accounts::kInTheWay);
    throw;
  }
}

class Teller {
 public:
  explicit Teller(Client& client) : client_(client) {
    for (int account = 0; account < kAccounts; ++account) {
      const std::string name = "account " + std::to_string(account);
      accounts_.push_back(client.manager().create("Account", named(name), Accounts::kFirst));
    }
  }

  void step() {
    const int account = client_.any(kAccounts);
    const std::int64_t amount = 1 + client_.any(9);
    switch (client_.any(8)) {
      case 0:
        return read(account);
      case 1:
      case 2:
        return change(Code::kAdd, "deposit", account, amount);
      case 3:
        return add_at_once(account, amount);
      case 4:
        return change(Code::kTake, "withdraw", account, amount);
      default:
        return move(account, amount);
    }
  }

  void read(int account) {
    client_.run({.object = kObject, .code = Code::kRead, .given = Numbers::of({account})}, [&] {
      return Result{.got = Numbers::of(at(account).call<std::vector<std::int64_t>>("statement"))};
    });
  }

 private:
  const CustomProxy<>& at(int account) const {
    return accounts_[static_cast<std::size_t>(account)];
  }

  void change(Code code, std::string_view method, int account, std::int64_t amount) {
    client_.run(
        {.object = kObject, .code = code, .argument = amount, .given = Numbers::of({account})},
        [&] {
          return unless_refused([&] { return at(account).call<std::int64_t>(method, amount); });
        });
  }

  void add_at_once(int account, std::int64_t amount) {
    const auto hurried = at(account).within(client_.any(3) * 1ms);
    client_.run(
        {.object = kObject,
         .code = Code::kAdd,
         .argument = amount,
         .desired = Accounts::kHurried,
         .given = Numbers::of({account})},
        [&] {
          return unless_refused([&] { return hurried.call<std::int64_t>("deposit", amount); });
        });
  }

  void move(int from, std::int64_t amount) {
    const int to = (from + 1 + client_.any(kAccounts - 1)) % kAccounts;
    client_.run({.object = kObject,
                 .code = Code::kMove,
                 .argument = amount,
                 .given = Numbers::of({from, to})},
                [&] {
                  return unless_refused(
                      [&] { return at(from).call<std::int64_t>("send", amount, at(to)); });
                });
  }

  Client& client_;
  std::vector<CustomProxy<>> accounts_;
};

MP_HISTORIES(OwnTypeHistories);

TEST_P(OwnTypeHistories, AreThoseOfOneCallAtATimeAndOfEachOnce) {
  check_histories<Accounts>({
      .work = [](Client& client) -> Plan::Step {
        return [teller = Teller(client)]() mutable { teller.step(); };
      },
      .finish =
          [](Client& client, const Happened&) {
            Teller teller(client);
            for (int account = 0; account < kAccounts; ++account) teller.read(account);
          },
  });
}

}  // namespace
}  // namespace mp::linearizability
