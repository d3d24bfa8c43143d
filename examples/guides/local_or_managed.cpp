// The same work over shared memory and over a manager: what it shares comes as arguments, and the
// names of the methods are the same.

#include <mp/mp.h>

#include <iostream>

const auto add_up = [](auto numbers, auto sum) {
  while (const auto number = numbers.try_get()) sum += *number;
};

template <class Numbers, class Sum>
void run(const char* where, const Numbers& numbers, const Sum& sum) {
  numbers.put_many(mp::range(101));
  mp::Process one(add_up, numbers, sum);
  mp::Process other(add_up, numbers, sum);
  one.start();
  other.start();
  one.join();
  other.join();
  std::cout << where << ": " << sum.get() << '\n';
}

int main() {
  run("in shared memory", mp::Queue<int>(), mp::Value<int>(0));
  mp::Manager manager;  // or mp::Manager::connect("db1:50051")
  run("in a manager", manager.queue<int>(), manager.value<int>());
}
