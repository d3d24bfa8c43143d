// Adds a point to alice's score, in a dict that programs in other languages read and change too:
// scores.py does. They meet at a manager that runs already: `mp-manager`, or `./dev serve`.

#include <mp/mp.h>

#include <cstdlib>
#include <iostream>
#include <string>

int main() {
  const char* address = std::getenv("MP_MANAGER");
  const auto manager = mp::Manager::connect(address != nullptr ? address : "127.0.0.1:50051");
  const auto scores = manager.dict<std::string, int>("scores");
  scores["alice"] += 1;
  for (const auto& [name, score] : scores) std::cout << name << ' ' << score << '\n';
}
