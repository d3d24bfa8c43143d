// Waits until another process has brought three jobs, and looks only when it is told.

#include <mp/mp.h>

#include <iostream>
#include <mutex>

using Jobs = mp::ListProxy<int>;

void bring(const mp::ConditionProxy& changed, const Jobs& jobs) {
  for (int job = 1; job <= 3; ++job) {
    const std::scoped_lock guard(changed);
    jobs.append(job);
    changed.notify();
  }
}

int main() {
  mp::Manager manager;
  const mp::ConditionProxy changed = manager.condition();
  const Jobs jobs = manager.list<int>();
  mp::Process producer(bring, changed, jobs);
  producer.start();
  {
    const std::scoped_lock guard(changed);
    changed.wait_for([&] { return jobs.size() == 3; });
    std::cout << jobs << '\n';
  }
  producer.join();
  try {
    changed.notify_all();
  } catch (const mp::NotOwnerError&) {
    std::cout << "nobody is told of anything without the lock\n";
  }
}
