// mp's local half: what its processes, locks, queues and pipes take.

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <string>

#include "bench/local/items.h"
#include "bench/local/local_bench.h"
#include "mp/local/barrier.h"
#include "mp/local/condition.h"
#include "mp/local/connection.h"
#include "mp/local/lock.h"
#include "mp/local/queue.h"
#include "mp/local/value.h"
#include "mp/process.h"
#include "mp/start_method.h"

namespace mp::bench {
namespace {

Sample lock(double seconds) {
  const Lock lock;
  return repeat(seconds, [&] {
    lock.acquire();
    lock.release();
  });
}

Sample value_add(double seconds) {
  const Value<std::int64_t> value(0);
  return repeat(seconds, [&] { value += 1; });
}

template <class T>
Sample queue(double seconds, const T& item, std::size_t maxsize) {
  const Queue<T> items(maxsize);
  return through(
      seconds,
      [&](double limit) {
        for_so_long(limit, [&] { items.put(item); });
        items.shutdown();
      },
      [&] {
        std::size_t count = 0;
        try {
          for (;; ++count) static_cast<void>(items.get());
        } catch (const ShutDown&) {
          return count;
        }
      });
}

Sample pipe(double seconds) {
  auto [ours, theirs] = Pipe();
  Partner partner([&ours = ours, &theirs = theirs] {
    ours.close();
    while (true) {
      const Bytes message = theirs.recv_bytes();
      if (message.size() != kMessage.size()) return;
      theirs.send_bytes(message);
    }
  });
  const Bytes message(kMessage);
  const Sample sample = repeat(seconds, [&ours = ours, &message] {
    ours.send_bytes(message);
    static_cast<void>(ours.recv_bytes());
  });
  ours.send_bytes(Bytes("end"));
  partner.join();
  return sample;
}

Sample start_and_join(double seconds, StartMethod method) {
  return repeat(seconds, [&] {
    Process process(
        {.start_method = method}, +[] {});
    process.start();
    process.join();
  });
}

Sample barrier(double seconds) {
  const Barrier meeting(2);
  Partner partner([&] {
    try {
      while (true) meeting.wait();
    } catch (const BrokenBarrierError&) {
    }
  });
  const Sample sample = repeat(seconds, [&] { meeting.wait(); });
  meeting.abort();
  partner.join();
  return sample;
}

// The turn goes to and fro: two hand-overs a round.
Sample condition(double seconds) {
  const Condition changed;
  const RawValue<int> turn(0);
  const auto play = [&](int mine, int next) {
    changed.acquire();
    changed.wait_for([&] { return turn.value() == mine || turn.value() < 0; });
    const bool goes_on = turn.value() >= 0;
    if (goes_on) turn = next;
    changed.notify();
    changed.release();
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

}  // namespace
}  // namespace mp::bench

int main(int argc, char** argv) {
  namespace bench = mp::bench;
  mp::init(argc, argv);
  return bench::run_local(
      argc, argv,
      {
          {"local-lock", bench::lock},
          {"local-value", bench::value_add},
          {"local-queue-int",
           [](double seconds) { return bench::queue(seconds, 42, bench::kSmallItems); }},
          {"local-queue-1k",
           [](double seconds) {
             return bench::queue(seconds, bench::kKilobyte, bench::kSmallItems);
           }},
          {"local-queue-1m",
           [](double seconds) {
             return bench::queue(seconds, bench::kMegabyte, bench::kLargeItems);
           }},
          {"local-pipe", bench::pipe},
          {"local-fork", [](double s) { return bench::start_and_join(s, mp::StartMethod::kFork); }},
          {"local-spawn",
           [](double s) { return bench::start_and_join(s, mp::StartMethod::kSpawn); }},
          {"local-barrier", bench::barrier},
          {"local-condition", bench::condition},
      });
}
