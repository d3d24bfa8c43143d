// A class of one's own whose object lives in the manager: its methods run there, one at a time.

#include <mp/mp.h>

#include <iostream>
#include <stdexcept>

class Account {
 public:
  explicit Account(int balance) : balance_(balance) {}
  int withdraw(int amount) {
    if (amount > balance_) throw std::runtime_error("there is not so much in it");
    return balance_ -= amount;
  }
  int balance() const { return balance_; }  // read-only, as it is const

 private:
  int balance_;
};

int main() {
  mp::register_type<Account>("Account")
      .constructor<int>()
      .method("withdraw", &Account::withdraw)
      .method("balance", &Account::balance);

  mp::Manager manager;  // has the types that were registered before it was made
  const auto account = manager.create<Account>(mp::named("alice"), 100);
  mp::Process other([](const auto& shared) { shared.template call<&Account::withdraw>(30); },
                    account);
  other.start();
  other.join();
  std::cout << account.call<&Account::balance>() << '\n';
  try {
    manager.custom("alice").call<int>("withdraw", 80);  // by names alone
  } catch (const mp::MethodError& error) {
    std::cout << error.type_name() << ", and the balance is " << account.call<int>("balance")
              << '\n';
  }
}
