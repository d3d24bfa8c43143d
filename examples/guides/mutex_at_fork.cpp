// A mutex of the program's own that another thread has while this one forks: in the child nobody
// will ever unlock it. A child that begins anew has a free one.

#include <mp/mp.h>

#include <chrono>
#include <iostream>
#include <latch>
#include <mutex>
#include <thread>

std::mutex journal;

void work(const mp::Queue<int>& done) {
  const std::scoped_lock guard(journal);
  done.put(1);
}

int main(int argc, char** argv) {
  mp::init(argc, argv);  // for the forkserver
  const mp::Queue<int> done;
  const mp::Event enough;
  std::latch locked(1);
  std::jthread writer([&] {
    const std::scoped_lock guard(journal);
    locked.count_down();
    enough.wait();
  });
  locked.wait();

  mp::Process forked(work, done);
  forked.start();
  std::cout << "forked: " << (forked.join(std::chrono::milliseconds(500)) ? "done" : "hangs");
  std::cout << std::endl;
  forked.kill();
  forked.join();

  mp::Process anew({.start_method = mp::StartMethod::kForkserver}, work, done);
  anew.start();
  anew.join();
  std::cout << "begun anew: " << (done.try_get() ? "done" : "hangs") << '\n';
  enough.set();
}
