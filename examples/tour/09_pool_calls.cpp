// What a pool of four workers does for its caller, who may wait, or not, or not any longer.

#include <mp/pool.h>
#include <mp/range.h>
#include <mp/repr.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <set>
#include <vector>

using namespace std::chrono_literals;

int f(int x) { return x * x; }

int main() {
  {
    // Like Python's `with`, it waits for nobody at its end. By default it would for five seconds.
    mp::Pool pool({.processes = 4, .drain_timeout = 0s});

    std::cout << mp::repr(pool.map(f, mp::range(10))) << '\n';

    std::set<int> squares;  // they come in any order
    for (const int square : pool.imap_unordered(f, mp::range(10))) squares.insert(square);
    std::cout << mp::repr(squares) << '\n';

    auto res = pool.apply_async(f, 20);
    std::cout << res.get(1s) << '\n';

    auto pid = pool.apply_async(getpid);
    std::cout << pid.get() << '\n';

    std::vector<mp::AsyncResult<int>> results;
    for (int i = 0; i < 4; ++i) results.push_back(pool.apply_async(getpid));
    for (const auto& result : results) std::cout << result.get() << '\n';

    auto nap = pool.apply_async(sleep, 10U);
    try {
      std::cout << nap.get(1s) << '\n';
    } catch (const mp::TimeoutError&) {
      std::cout << "We lacked patience and got a multiprocessing.TimeoutError\n";
    }

    std::cout << "For the moment, the pool remains available for more work\n";
  }

  std::cout << "Now the pool is closed and no longer available\n";
}
