// Numbers of one type in a row. A slice travels in one round trip, packed as it lies in memory.

#include <mp/mp.h>

#include <iostream>

using Samples = mp::ArrayProxy<double>;

int main() {
  mp::Manager manager;
  const Samples samples = manager.array<double>("samples", 6);

  mp::Process other(
      [](const Samples& shared) {
        shared[mp::slice(0, 3)] = {1.5, 2.5, 3.5};
      },
      samples);
  other.start();
  samples.fill(mp::slice(3, mp::None), 9);
  other.join();

  samples[-1] += 0.5;  // one atomic operation
  std::cout << samples << '\n';
  double sum = 0;
  for (const double sample : samples.get_slice(mp::slice(mp::None, mp::None, 2))) sum += sample;
  std::cout << "every second one, summed up: " << sum << '\n';

  try {
    samples.set_slice(mp::slice(0, 2), {1.0, 2.0, 3.0});
  } catch (const mp::ValueError&) {
    std::cout << "three numbers do not fit into two places: " << samples[0] << '\n';
  }
}
