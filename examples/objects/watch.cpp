// Reads what another process does to a dict, change by change, until the dict is gone.

#include <mp/mp.h>

#include <iostream>
#include <string>

using Stock = mp::DictProxy<std::string, int>;

int main() {
  mp::Manager manager;
  const Stock stock = manager.dict<std::string, int>("stock");
  stock["bolts"] = 4;
  const auto watch = manager.watch(stock, {.old_values = true, .new_values = true});

  mp::Process store(
      [](const Stock& shared) {
        shared["bolts"] -= 1;
        shared.update({{"nuts", 7}, {"nails", 9}});  // one operation, and so one event
        shared.erase("bolts");
      },
      stock);
  store.start();
  store.join();
  manager.remove("stock");

  for (const auto& event : watch) {
    std::cout << (event.deleted ? "deleted" : event.operation) << '\n';
    for (const auto& change : event.changes)
      std::cout << "  " << *change.key << ": " << mp::repr(change.old_value) << " -> "
                << mp::repr(change.new_value) << '\n';
  }
  try {
    watch.next();
  } catch (const mp::NoSuchObject&) {
    std::cout << "there is nothing to watch any more\n";
  }
}
