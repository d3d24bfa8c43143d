// Settings of several types under one name, which another process changes.

#include <mp/mp.h>

#include <iostream>
#include <string>

int main() {
  mp::Manager manager;
  const mp::NamespaceProxy settings = manager.namespace_("settings");
  settings.update({{"retries", 3}, {"host", "db1"}, {"ratio", 0.5}});

  mp::Process other(
      [](const mp::NamespaceProxy& shared) {
        shared["retries"] += 1;  // one atomic operation
        shared["host"] = "db2";
      },
      settings);
  other.start();
  other.join();

  std::cout << settings << '\n';
  const int retries = settings.get<int>("retries");
  std::cout << retries << " tries, " << settings.get_or<int>("delay", 10) << " s between them\n";
  try {
    settings.get<int>("delay");
  } catch (const mp::AttributeError&) {
    std::cout << "nobody has set a delay\n";
  }
}
