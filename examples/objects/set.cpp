// Processes agree by a set on who does what: add() says who was first.

#include <mp/mp.h>

#include <iostream>
#include <set>
#include <string>

using Pages = mp::SetProxy<std::string>;

// How many of these this process is the one to fetch.
int fetch(const Pages& seen) {
  int mine = 0;
  for (const char* page : {"/", "/a", "/b", "/c"}) mine += seen.add(page) ? 1 : 0;
  return mine;
}

int main() {
  mp::Manager manager;
  const Pages seen = manager.set<std::string>("seen");
  const auto fetched = manager.value<int>(0);
  const auto work = [seen, fetched] { fetched += fetch(seen); };
  mp::Process one(work);
  mp::Process other(work);
  for (mp::Process* process : {&one, &other}) process->start();
  for (mp::Process* process : {&one, &other}) process->join();

  std::cout << seen.size() << " pages, fetched " << fetched.get() << " times\n";
  const mp::Set<std::string> left = seen - std::set<std::string>{"/a", "/b"};  // in this process
  std::cout << "without two of them: " << left.size() << '\n';
  try {
    seen.remove("/d");
  } catch (const mp::KeyError&) {
    std::cout << "remove() of what is not there is a KeyError, discard() gives " << std::boolalpha
              << seen.discard("/d") << '\n';
  }
}
