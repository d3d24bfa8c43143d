// At most three calls begin in any window of 100 ms, whoever makes them: processes that share a
// manager, on one machine or on many, which need its address only. A permit is an item of a queue,
// and who takes one puts it back with the delay of a window. Permits do not die with whoever has
// one.

#include <mp/mp.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

using namespace std::chrono_literals;

// Since the machine was started: one clock for all of its processes.
std::chrono::nanoseconds now() { return std::chrono::steady_clock::now().time_since_epoch(); }

constexpr int kPermits = 3;
constexpr auto kWindow = 100ms;

class RateLimiter {
 public:
  // The first one of this name brings the permits.
  RateLimiter(const mp::Manager& manager, std::string_view name)
      : manager_(&manager),
        permits_(manager.queue<int>(name, {.delivery = mp::Delivery::kUntilConfirmed})) {
    const auto limiters = manager.dict<std::string, int>("rate limiters");
    mp::Batch first = manager.batch();
    first.if_absent(limiters, std::string(name));
    first.on(limiters).set(std::string(name), kPermits);
    for (int i = 0; i < kPermits; ++i) first.on(permits_).put(i);
    first.commit();
  }

  // Waits for a permit. Who dies with it has not begun, and another gets it at once.
  mp::Delivered<int> take() const { return permits_.receive(); }

  // Begins, by the manager's clock: from here on it takes a window until another gets the permit,
  // whoever dies. The two steps are one, so that there is nothing to die between them.
  void begin(const mp::Delivered<int>& permit) const {
    mp::Batch batch = manager_->batch();
    batch.on(permits_).put(permit.value, {.delay = kWindow});
    batch.on(permits_).task_done(permit);
    batch.commit();
  }

  // With those that somebody has, and those whose window is not over.
  std::size_t permits() const { return permits_.unfinished(); }

 private:
  const mp::Manager* manager_;
  mp::QueueProxy<int> permits_;
};

// It began between these two moments.
struct Call {
  std::chrono::nanoseconds before{};
  std::chrono::nanoseconds after{};
};
MP_RECORD(Call, before, after)

void work(const std::string& address) {
  const auto manager = mp::Manager::connect(address);
  const RateLimiter limiter(manager, "calls of the service");
  const auto calls = manager.list<Call>("calls");
  for (int i = 0; i < 5; ++i) {
    const auto permit = limiter.take();
    const auto before = now();
    limiter.begin(permit);
    calls.append({before, now()});
  }
}

void die_with_a_permit(const std::string& address) {
  const auto manager = mp::Manager::connect(address);
  RateLimiter(manager, "calls of the service").take();
  std::raise(SIGKILL);
}

// How many calls have begun in the fullest window, as far as is certain.
std::ptrdiff_t most_in_a_window(const std::vector<Call>& calls) {
  std::ptrdiff_t most = 0;
  for (const Call& first : calls) {
    const auto within = [&](const Call& call) {
      return call.before >= first.before && call.after < first.before + kWindow;
    };
    most = std::max(most, std::ranges::count_if(calls, within));
  }
  return most;
}

int main() {
  mp::Manager manager({.address = "127.0.0.1:0"});

  std::vector<mp::Process> processes;
  processes.emplace_back(die_with_a_permit, manager.address());
  for (int i = 0; i < 4; ++i) processes.emplace_back(work, manager.address());
  for (auto& process : processes) process.start();
  for (auto& process : processes) process.join();

  const std::vector<Call> calls = manager.list<Call>("calls").copy();
  std::cout << calls.size() << " calls by 4 processes\n";
  if (most_in_a_window(calls) <= kPermits)
    std::cout << "no window had more than " << kPermits << " of them\n";
  std::cout << "one process died with a permit, and there are "
            << RateLimiter(manager, "calls of the service").permits() << '\n';
}
