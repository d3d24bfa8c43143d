// Orders that move money, each once, though a worker dies after it has moved some and before it has
// said so. The order's number goes into the dict with the money, so that whoever has the order next
// sees that it is done.

#include <mp/mp.h>

#include <csignal>
#include <cstdint>
#include <iostream>
#include <string>
#include <tuple>

using Order = std::tuple<int, std::string, std::string, int>;  // number, from, to, coins
using Orders = mp::QueueProxy<Order>;
using Accounts = mp::DictProxy<std::string, int>;
using Done = mp::DictProxy<int, int>;

// False if this very order was done before.
bool carry_out(const mp::Manager& manager, const Accounts& accounts, const Done& done,
               const Order& order) {
  const auto& [number, from, to, coins] = order;
  mp::Batch batch = manager.batch();
  batch.if_absent(done, number);
  batch.on(done).set(number, coins);
  batch.on(accounts).add(from, -coins);
  batch.on(accounts).add(to, coins);
  return batch.commit();
}

int main() {
  mp::Manager manager;
  const Orders orders = manager.queue<Order>({.delivery = mp::Delivery::kUntilConfirmed});
  const Accounts accounts = manager.dict<std::string, int>();
  const Done done = manager.dict<int, int>();
  accounts.update({{"alice", 100}, {"bob", 0}});
  orders.put({1, "alice", "bob", 30});

  mp::Process first([&] {
    const mp::Delivered<Order> order = orders.receive();
    carry_out(manager, accounts, done, order.value);
    raise(SIGKILL);  // before it has confirmed
  });
  first.start();
  first.join();

  const mp::Delivered<Order> order = orders.receive();
  std::cout << "delivery " << order.deliveries << " of order " << std::get<0>(order.value) << '\n';
  if (!carry_out(manager, accounts, done, order.value)) std::cout << "it was done before\n";
  orders.confirm(order);
  std::cout << accounts << '\n';
}
