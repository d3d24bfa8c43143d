// What a forked child has of its parent: proxies and what lies in shared memory, yes; variables, as
// copies; what its parent holds, and its pool, no.

#include <mp/mp.h>

#include <iostream>
#include <string>

int main() {
  mp::Manager manager;
  const auto scores = manager.dict<std::string, int>();
  const auto deploy = manager.lock();
  const mp::Queue<std::string> told;
  mp::Pool pool(2);
  int variable = 1;

  deploy.acquire();
  mp::Process child([&] {
    scores["alice"] += 1;  // in the manager
    variable = 2;          // in the child's memory
    try {
      deploy.release();
    } catch (const mp::NotOwnerError&) {
      told.put("the lock is its parent's");
    }
    try {
      pool.apply([] { return 1; });
    } catch (const mp::ProcessError&) {
      told.put("so is the pool");
    }
  });
  child.start();
  child.join();
  deploy.release();

  std::cout << "alice: " << scores.at("alice") << ", variable: " << variable << '\n';
  while (const auto line = told.try_get()) std::cout << *line << '\n';
}
