// Readers of a dict's changes that end, and others that go on where they were: by a position that
// they keep, or by a name under which the manager keeps it.
//
//   Python: none.

#include <mp/mp.h>

#include <cstdint>
#include <iostream>
#include <string>

int main() {
  mp::Manager manager;
  auto stock = manager.dict<std::string, int>("stock");
  auto place = manager.dict<std::string, std::uint64_t>("place of the reader");

  const auto start = manager.watch(stock).position();
  place.update({{"object", start.object}, {"version", start.version}});
  const auto by_position = [&] {
    const mp::WatchPosition kept{.object = place.at("object"), .version = place.at("version")};
    const auto watch = manager.watch(stock, {.new_values = true, .resume = kept});
    for (int i = 0; i < 2; ++i) {
      const auto event = watch.next();
      std::cout << "bolts: " << *event->changes.at(0).new_value << std::endl;
      place["version"] = event->version;
    }
  };

  const auto by_name = [&] {
    const auto watch = manager.watch(stock, {.new_values = true, .name = "orders"});
    for (int i = 0; i < 2; ++i)
      std::cout << "orders: " << *watch.next()->changes.at(0).new_value << std::endl;
  };
  manager.watch(stock, {.new_values = true, .name = "orders"});  // from now on

  for (int left = 4; left > 0; --left) stock["bolts"] = left;
  for (int i = 0; i < 2; ++i) {
    mp::Process reader(by_position);
    reader.start();
    reader.join();
  }
  for (int i = 0; i < 2; ++i) {
    mp::Process reader(by_name);
    reader.start();
    reader.join();
  }
}
