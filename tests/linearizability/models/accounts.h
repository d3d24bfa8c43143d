#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "tests/linearizability/operation.h"

namespace mp::linearizability {

// Objects of a user's own type, all together: accounts that have `kFirst` each at first. `given`
// are the accounts.
//
//   add(argument)               to the account; the sum. Refused, `kTooLate`, if its caller would
//   not
//                               wait for its turn, which `desired` says
//   take(argument)              from the account; what is left. Refused, `kOverdrawn`, if there is
//                               less
//   move(argument)              from the first account to the second; what is left of the first.
//                               Refused, `kOverdrawn`, likewise; or `kInTheWay`: each waited for
//                               the other
//   read()                      the balance, and how often it has changed
struct Accounts {
  static constexpr std::size_t kAccounts = 3;
  static constexpr std::int64_t kFirst = 20;

  // Why a call was refused.
  static constexpr std::int64_t kOverdrawn = 1;
  static constexpr std::int64_t kTooLate = 2;
  static constexpr std::int64_t kInTheWay = 3;
  // Of who would not wait.
  static constexpr std::int64_t kHurried = 1;

  struct Account {
    std::int64_t balance = kFirst;
    std::int64_t changes = 0;
    bool operator==(const Account&) const = default;
  };
  struct State {
    std::array<Account, kAccounts> accounts;
    bool operator==(const State&) const = default;
  };
  using Next = std::optional<State>;

  static Next next(const State& state, const Operation& operation) {
    if (operation.refused()) return may_refuse(state, operation) ? Next(state) : std::nullopt;
    const Account& account = state.accounts[place(operation, 0)];
    switch (operation.code) {
      case Code::kAdd:
        return changed(state, operation, operation.argument);
      case Code::kTake:
        if (account.balance < operation.argument) return std::nullopt;
        return changed(state, operation, -operation.argument);
      case Code::kMove: {
        if (account.balance < operation.argument) return std::nullopt;
        Next moved = changed(state, operation, -operation.argument);
        if (moved) change(moved->accounts[place(operation, 1)], operation.argument);
        return moved;
      }
      case Code::kRead: {
        const bool seen = operation.gives(Numbers::of({account.balance, account.changes}));
        return seen ? Next(state) : std::nullopt;
      }
      default:
        return std::nullopt;
    }
  }

 private:
  static std::size_t place(const Operation& operation, std::size_t which) {
    return static_cast<std::size_t>(operation.given.items[which]);
  }

  static bool may_refuse(const State& state, const Operation& operation) {
    switch (operation.value) {
      case kOverdrawn:
        return (operation.code == Code::kTake || operation.code == Code::kMove) &&
               state.accounts[place(operation, 0)].balance < operation.argument;
      case kTooLate:
        return operation.code == Code::kAdd && operation.desired == kHurried;
      case kInTheWay:
        return operation.code == Code::kMove;
      default:
        return false;
    }
  }

  static void change(Account& account, std::int64_t amount) {
    account.balance += amount;
    ++account.changes;
  }

  static Next changed(State state, const Operation& operation, std::int64_t amount) {
    Account& account = state.accounts[place(operation, 0)];
    change(account, amount);
    return operation.gives(account.balance) ? Next(state) : std::nullopt;
  }
};

}  // namespace mp::linearizability
