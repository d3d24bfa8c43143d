// A class of one's own that lives in a manager: processes call its methods through a proxy.

#include <mp/mp.h>

#include <iostream>
#include <vector>

class Counter {
 public:
  explicit Counter(int value) : value_(value) {}
  int increment(int by) { return value_ += by; }
  int value() const { return value_; }

 private:
  int value_;
};

int main() {
  mp::register_type<Counter>("Counter")
      .constructor<int>()
      .method("increment", &Counter::increment)
      .method("value", &Counter::value);

  mp::Manager manager;
  auto counter = manager.create<Counter>(100);

  std::vector<mp::Process> workers;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back(
        [](auto shared) {
          for (int by = 1; by <= 10; ++by) shared.template call<&Counter::increment>(by);
        },
        counter);
  }
  for (auto& worker : workers) worker.start();
  for (auto& worker : workers) worker.join();

  std::cout << "typed:   " << counter.call<&Counter::value>() << '\n';
  std::cout << "by name: " << counter.call<int>("value") << '\n';
  try {
    counter.call("decrement");
  } catch (const mp::AttributeError&) {
    std::cout << "it has no method 'decrement'\n";
  }
}
