// Boost.Interprocess: what C++ programmers use so far.

#include <boost/interprocess/anonymous_shared_memory.hpp>
#include <boost/interprocess/ipc/message_queue.hpp>
#include <boost/interprocess/mapped_region.hpp>
#include <boost/interprocess/sync/interprocess_condition.hpp>
#include <boost/interprocess/sync/interprocess_mutex.hpp>
#include <boost/interprocess/sync/scoped_lock.hpp>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "bench/local/items.h"
#include "bench/local/local_bench.h"

namespace mp::bench {
namespace {

namespace ipc = boost::interprocess;

// A queue by name, and the name no more.
class NamedQueue {
 public:
  NamedQueue(std::size_t items, std::size_t bytes)
      : name_("mp-bench-" + std::to_string(::getpid())),
        queue_(ipc::create_only, name_.c_str(), items, bytes) {
    ipc::message_queue::remove(name_.c_str());
  }
  ipc::message_queue& operator*() { return queue_; }

 private:
  std::string name_;
  ipc::message_queue queue_;
};

// As mp's: what is got is a value of its own. An item shorter than the others is the last.
template <class Take>
Sample queue(double seconds, std::string_view item, std::size_t maxsize, Take&& take) {
  NamedQueue items(maxsize, item.size());
  return through(
      seconds,
      [&](double limit) {
        for_so_long(limit, [&] { (*items).send(item.data(), item.size(), 0); });
        (*items).send(item.data(), 0, 0);
      },
      [&] {
        std::vector<char> buffer(item.size());
        std::size_t count = 0;
        for (;; ++count) {
          ipc::message_queue::size_type size = 0;
          unsigned priority = 0;
          (*items).receive(buffer.data(), buffer.size(), size, priority);
          if (size == 0) return count;
          take(buffer.data(), size);
        }
      });
}

Sample queue_of_text(double seconds, const std::string& item, std::size_t maxsize) {
  std::string taken;
  return queue(seconds, item, maxsize,
               [&](const char* data, std::size_t size) { taken = std::string(data, size); });
}

Sample queue_of_ints(double seconds) {
  const int item = 42;
  volatile int taken = 0;
  return queue(seconds, {reinterpret_cast<const char*>(&item), sizeof item}, kSmallItems,
               [&](const char* data, std::size_t size) {
                 int number = 0;
                 std::memcpy(&number, data, size);
                 taken = number;
               });
}

struct Table {
  ipc::interprocess_mutex mutex;
  ipc::interprocess_condition changed;
  int turn = 0;
  int waiting = 0;
  unsigned round = 0;
};

Table& shared_table(ipc::mapped_region& memory) { return *new (memory.get_address()) Table; }

Sample condition(double seconds) {
  ipc::mapped_region memory = ipc::anonymous_shared_memory(sizeof(Table));
  Table& table = shared_table(memory);
  const auto play = [&](int mine, int next) {
    ipc::scoped_lock lock(table.mutex);
    table.changed.wait(lock, [&] { return table.turn == mine || table.turn < 0; });
    const bool goes_on = table.turn >= 0;
    if (goes_on) table.turn = next;
    table.changed.notify_one();
    return goes_on;
  };
  Partner partner([&] {
    while (play(1, 0)) continue;
  });
  const Sample sample = repeat(seconds, [&] { play(0, 1); });
  play(0, -1);
  partner.join();
  return sample;
}

// It has no barrier: the textbook's, of its mutex and condition.
Sample barrier(double seconds) {
  ipc::mapped_region memory = ipc::anonymous_shared_memory(sizeof(Table));
  Table& table = shared_table(memory);
  const auto meet = [&] {
    ipc::scoped_lock lock(table.mutex);
    const unsigned round = table.round;
    if (++table.waiting == 2) {
      table.waiting = 0;
      ++table.round;
      table.changed.notify_all();
      return table.turn >= 0;
    }
    table.changed.wait(lock, [&] { return table.round != round || table.turn < 0; });
    return table.turn >= 0;
  };
  Partner partner([&] {
    while (meet()) continue;
  });
  const Sample sample = repeat(seconds, meet);
  {
    const ipc::scoped_lock lock(table.mutex);
    table.turn = -1;
    table.changed.notify_all();
  }
  partner.join();
  return sample;
}

}  // namespace
}  // namespace mp::bench

int main(int argc, char** argv) {
  namespace bench = mp::bench;
  using bench::kKilobyte, bench::kLargeItems, bench::kMegabyte, bench::kSmallItems;
  return bench::run_local(
      argc, argv,
      {
          {"local-queue-int", bench::queue_of_ints},
          {"local-queue-1k",
           [](double seconds) { return bench::queue_of_text(seconds, kKilobyte, kSmallItems); }},
          {"local-queue-1m",
           [](double seconds) { return bench::queue_of_text(seconds, kMegabyte, kLargeItems); }},
          {"local-barrier", bench::barrier},
          {"local-condition", bench::condition},
      });
}
