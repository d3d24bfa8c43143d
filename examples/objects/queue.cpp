// Jobs that are delivered until they are confirmed: who ends with one leaves it to another.

#include <mp/mp.h>

#include <iostream>
#include <string>

using Jobs = mp::QueueProxy<std::string>;

int main() {
  mp::Manager manager;
  const Jobs jobs = manager.queue<std::string>(
      "jobs", {.maxsize = 10, .delivery = mp::Delivery::kUntilConfirmed});
  jobs.put_many({"resize", "print"});  // both or none

  mp::Process careless([](const Jobs& queue) { queue.receive(); }, jobs);
  careless.start();
  careless.join();

  for (int i = 0; i < 2; ++i) {
    const mp::Delivered<std::string> job = jobs.receive();
    std::cout << job.value << ", delivery " << job.deliveries << '\n';
    jobs.confirm(job);
  }
  if (!jobs.try_get()) std::cout << "there are no more\n";
  jobs.shutdown();
  try {
    jobs.get();
  } catch (const mp::ShutDown&) {
    std::cout << "and there will be none\n";
  }
}
