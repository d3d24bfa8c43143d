#include "tests/contract/custom/account.h"

#include <string>
#include <thread>

namespace mp::contract {

std::int64_t Account::deposit(std::int64_t amount) { return change(amount); }

std::int64_t Account::withdraw(std::int64_t amount) {
  require(amount);
  return change(-amount);
}

std::int64_t Account::send(std::int64_t amount, const CustomProxy<>& to) {
  require(amount);
  to.call("deposit", amount);
  return change(-amount);
}

std::vector<std::int64_t> Account::statement() const {
  const std::int64_t balance = balance_;
  std::this_thread::yield();
  return {balance, changes_};
}

void Account::require(std::int64_t amount) const {
  if (balance_ < amount) throw Overdrawn("only " + std::to_string(balance_));
}

std::int64_t Account::change(std::int64_t amount) {
  const std::int64_t before = balance_;
  std::this_thread::yield();
  balance_ = before + amount;
  std::this_thread::yield();
  ++changes_;
  return before + amount;
}

void register_account() {
  register_type<Account>("Account")
      .constructor<std::int64_t>()
      .method("deposit", &Account::deposit)
      .method("withdraw", &Account::withdraw)
      .method("send", &Account::send)
      .method("statement", &Account::statement);
}

}  // namespace mp::contract
