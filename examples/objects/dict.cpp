// Two processes count in one dict: `+=` is one operation of the manager, so that no count is lost.

#include <mp/mp.h>

#include <iostream>
#include <string>

using Scores = mp::DictProxy<std::string, int>;

void count(const Scores& scores) {
  for (int i = 0; i < 100; ++i) scores["alice"] += 1;  // from 0, as long as there is no alice
}

int main() {
  mp::Manager manager;
  const Scores scores = manager.dict<std::string, int>("scores");
  mp::Process other(count, scores);
  other.start();
  count(scores);
  other.join();

  scores.update({{"bob", 7}, {"carol", 5}});     // all or none, in one round trip
  scores.update_if("bob", mp::less_than(9), 9);  // only where it is less
  for (const auto& [name, score] : scores) std::cout << name << ' ' << score << '\n';

  if (!scores.get("dave")) std::cout << "get() of what is not there is empty\n";
  try {
    scores.at("dave");
  } catch (const mp::KeyError&) {
    std::cout << "at() of it is a KeyError\n";
  }
}
