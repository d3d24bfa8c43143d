#pragma once

#include <cstdint>
#include <stdexcept>
#include <vector>

#include "mp/mp.h"

namespace mp::contract {

struct Overdrawn : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// An account whose balance is wrong as soon as two calls that change it run at the same time, or
// one that reads it beside them: each lets others go on in the middle.
class Account {
 public:
  explicit Account(std::int64_t balance) : balance_(balance) {}

  // The balance after it.
  std::int64_t deposit(std::int64_t amount);
  // Throws Overdrawn if there is less.
  std::int64_t withdraw(std::int64_t amount);
  // The same, and so much more for the other account: for all others, at one moment.
  std::int64_t send(std::int64_t amount, const CustomProxy<>& to);
  // The balance, and how often it has changed.
  std::vector<std::int64_t> statement() const;

 private:
  void require(std::int64_t amount) const;
  std::int64_t change(std::int64_t amount);

  std::int64_t balance_;
  std::int64_t changes_ = 0;
};

void register_account();

}  // namespace mp::contract
