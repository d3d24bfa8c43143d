// A manager with a type of one's own, which programs on any machine share: it has all flags of
// mp-manager. docs/objects/custom.md calls it by grpcurl.

#include <mp/mp.h>
#include <mp/serve.h>

#include <memory>
#include <stdexcept>
#include <string>

class Account {
 public:
  explicit Account(std::string owner) : owner_(std::move(owner)) {}

  const std::string& owner() const { return owner_; }
  int balance() const { return balance_; }
  int deposit(int amount) { return balance_ += amount; }
  int withdraw(int amount) {
    if (amount > balance_) throw std::out_of_range("only " + std::to_string(balance_) + " left");
    return balance_ -= amount;
  }
  // An account of its own, with a part of this one's money.
  std::unique_ptr<Account> split(const std::string& owner, int amount) {
    withdraw(amount);
    auto part = std::make_unique<Account>(owner);
    part->deposit(amount);
    return part;
  }

 private:
  std::string owner_;
  int balance_ = 0;
};

int main(int argc, char** argv) {
  mp::register_type<Account>("Account")
      .constructor<std::string>()
      .method("owner", &Account::owner)
      .method("balance", &Account::balance)
      .method("deposit", &Account::deposit)
      .method("withdraw", &Account::withdraw)
      .returns_proxy("split", &Account::split);
  return mp::serve(argc, argv);
}
