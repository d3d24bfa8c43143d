#include "tests/fork/asleep.h"

#include <unistd.h>

#include <fstream>
#include <string>
#include <utility>

namespace mp::test {

void wait_until_asleep(pid_t task) {
  for (;;) {
    std::ifstream file("/proc/" + std::to_string(task) + "/stat");
    std::string stat;
    if (!std::getline(file, stat)) return;
    const char state = stat.at(stat.rfind(')') + 2);
    if (state == 'S' || state == 'Z' || state == 'X') return;
    std::this_thread::yield();
  }
}

WaitingThread::WaitingThread(std::function<void()> wait)
    : thread_([this, wait = std::move(wait)] {
        task_ = ::gettid();
        task_.notify_one();
        wait();
        is_done_ = true;
      }) {
  task_.wait(0);
  wait_until_asleep(task_);
}

}  // namespace mp::test
