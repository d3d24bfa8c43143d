// A long map, and a bar on standard error that shows how far it is: the primes below a million are
// counted.

#include <mp/pool.h>
#include <mp/range.h>

#include <chrono>
#include <iostream>
#include <numeric>
#include <string>

using namespace std::chrono_literals;

constexpr int kTasks = 500;
constexpr int kNumbersPerTask = 2000;

bool is_prime(int number) {
  for (int divisor = 2; divisor * divisor <= number; ++divisor)
    if (number % divisor == 0) return false;
  return number >= 2;
}

int count_primes(int task) {
  int count = 0;
  for (int number = task * kNumbersPerTask; number < (task + 1) * kNumbersPerTask; ++number)
    count += is_prime(number) ? 1 : 0;
  return count;
}

void draw(const mp::Progress& progress) {
  constexpr std::size_t kWidth = 50;
  const std::size_t filled = kWidth * progress.done / progress.total;
  std::clog << "\r[" << std::string(filled, '#') << std::string(kWidth - filled, ' ') << "] "
            << 100 * progress.done / progress.total << " %" << std::flush;
}

int main() {
  mp::Pool pool;
  const auto counts = pool.map_async(count_primes, mp::range(kTasks), {.chunksize = 1});
  do draw(counts.progress());
  while (!counts.wait(50ms));
  draw(counts.progress());
  std::clog << '\n';

  const auto& each = counts.get();
  std::cout << std::accumulate(each.begin(), each.end(), 0) << " primes\n";
}
