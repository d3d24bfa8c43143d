#include "bench/crowd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <sstream>
#include <stdexcept>

namespace mp::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr const char* kEnd = "the end";

// The number that all clients of a crowd see.
class SharedNumber {
 public:
  explicit SharedNumber(const std::string& path) {
    const int file = open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (file < 0) throw std::runtime_error(path + ": " + std::strerror(errno));
    memory_ = mmap(nullptr, sizeof(Number), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (memory_ == MAP_FAILED) throw std::runtime_error(path + ": " + std::strerror(errno));
  }
  ~SharedNumber() { munmap(memory_, sizeof(Number)); }
  SharedNumber(const SharedNumber&) = delete;
  SharedNumber& operator=(const SharedNumber&) = delete;

  auto& operator*() const { return *static_cast<Number*>(memory_); }

 private:
  using Number = std::atomic<std::uint64_t>;
  static_assert(Number::is_always_lock_free);

  void* memory_;
};

double since(Clock::time_point start) { return Seconds(Clock::now() - start).count(); }

}  // namespace

std::string hand_over(Peer& peer, const Arguments& arguments) {
  const double seconds = arguments.number("seconds");
  const SharedNumber holder(arguments.text("shared"));
  const auto self = static_cast<std::uint64_t>(getpid());
  std::size_t taken_over = 0;
  const Clock::time_point start = Clock::now();
  double passed = 0;
  do {
    peer.acquire();
    if ((*holder).exchange(self) != self) ++taken_over;
    peer.release();
    passed = since(start);
  } while (passed < seconds);
  return rate_of(taken_over, passed);
}

// Whose time is over first says which round is the last, before that round: so all know it after.
std::string meet(Peer& peer, const Arguments& arguments) {
  const double seconds = arguments.number("seconds");
  const std::size_t parties = arguments.count("parties");
  const SharedNumber last(arguments.text("shared"));
  std::uint64_t rounds = 0;
  peer.arrive(parties);  // when the last has started
  const Clock::time_point start = Clock::now();
  for (;;) {
    if (*last == 0 && since(start) >= seconds) *last = rounds + 1;
    peer.arrive(parties);
    ++rounds;
    if (const std::uint64_t end = *last; end != 0 && rounds >= end) break;
  }
  return rate_of(rounds, since(start));
}

std::string produce(Peer& peer, double seconds) {
  std::size_t items = 0;
  const Clock::time_point start = Clock::now();
  do {
    peer.put(kValue);
    ++items;
  } while (since(start) < seconds);
  peer.put(kEnd);
  return rate_of(items, since(start));
}

std::string consume(Peer& peer) {
  std::size_t items = 0;
  const Clock::time_point start = Clock::now();
  for (std::string item = peer.take(); item != kEnd; item = peer.take()) {
    if (item != kValue) throw std::runtime_error("a wrong item: " + item);
    ++items;
  }
  return rate_of(items, since(start));
}

std::string rate_of(std::size_t operations, double seconds) {
  std::ostringstream json;
  json << R"({"operations": )" << operations << R"(, "seconds": )" << seconds
       << R"(, "per_second": )" << static_cast<double>(operations) / seconds << "}";
  return json.str();
}

}  // namespace mp::bench
