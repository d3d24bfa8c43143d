#include "tests/contract/custom/types.h"

#include <chrono>
#include <thread>

namespace mp::contract {

void Hall::stay_alone(const EventProxy& entered, const EventProxy& noticed) {
  entered.set();
  while (!this_call().cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  noticed.set();
}

void Hall::stay_on(const EventProxy& entered, const EventProxy& leave) {
  entered.set();
  for (bool left = false; !left;) {
    try {
      left = leave.wait(std::chrono::milliseconds(100));
    } catch (const Error&) {  // the manager is shutting down, and this goes on all the same
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
}

namespace {

std::vector<CustomProxy<>> without_first(const std::vector<CustomProxy<>>& others) {
  return {others.begin() + 1, others.end()};
}

}  // namespace

int Hall::pass_on(const std::vector<CustomProxy<>>& others) {
  if (others.empty()) return 1;
  return 1 + others.front().call<int>("pass_on", without_first(others));
}

int Hall::look_on(const std::vector<CustomProxy<>>& others) const {
  if (others.empty()) return 1;
  return 1 + others.front().call<int>("look_on", without_first(others));
}

int Hall::spread(const std::vector<CustomProxy<>>& others) {
  std::vector<Future<int>> started;
  for (const CustomProxy<>& other : others)
    started.push_back(other.async().call<int>("pass_on", std::vector<CustomProxy<>>()));
  int sum = 0;
  for (Future<int>& each : started) sum += each.get();
  return sum;
}

bool Hall::sign(const std::string& dict) {
  const auto guests = this_call().manager().dict<std::string, int>(dict);
  guests["hall"] += 1;
  return this_call().deadline().has_value();
}

Foundry::Foundry(const std::string& patience, const QueueProxy<int>& made,
                 const EventProxy& go_on) {
  made.put(1);
  while (!go_on.wait(std::chrono::milliseconds(1))) {
    if (patience == "impatient" && this_call().cancelled()) throw NotToday("nobody waits for it");
  }
}

void Foundry::cast(const ListProxy<int>& casts, int number, const QueueProxy<int>& begun,
                   const EventProxy& go_on) {
  begun.put(2);
  go_on.wait();
  casts.append(number);
}

std::vector<int> FooBar::squares() const {
  std::vector<int> squares;
  for (int i = 0; i < 10; ++i) squares.push_back(i * i);
  return squares;
}

void register_types() {
  register_type<Counter>("Counter")
      .constructor<int>()
      .constructor<int, const std::string&>()
      .method("increment", &Counter::increment)
      .method("increment_evenly", &Counter::increment_evenly)
      .method("value", &Counter::value)
      .method("name", &Counter::name)
      .method("rename", &Counter::rename)
      .method("padded", &Counter::padded)
      .method("fail", &Counter::fail)
      .method("fail_otherwise", &Counter::fail_otherwise)
      .method("fail_through_a_proxy", &Counter::fail_through_a_proxy)
      .method("twice", [](const Counter& counter) { return 2 * counter.value(); })
      .returns_proxy("split", &Counter::split)
      .returns_proxy("copy", &Counter::copy);
  register_type<Hall>("Hall")
      .constructor<>()
      .method("stay", &Hall::stay)
      .method("look", &Hall::look)
      .method("visits", &Hall::visits)
      .method("stay_alone", &Hall::stay_alone)
      .method("stay_on", &Hall::stay_on)
      .method("pass_on", &Hall::pass_on)
      .method("look_on", &Hall::look_on)
      .method("spread", &Hall::spread)
      .method("take", &Hall::take)
      .method("take_and_pass", &Hall::take_and_pass)
      .method("keep", &Hall::keep)
      .method("add", &Hall::add)
      .method("sign", &Hall::sign);
  register_type<Foundry>("Foundry")
      .constructor<const std::string&, const QueueProxy<int>&, const EventProxy&>()
      .method("answer", &Foundry::answer)
      .method("cast", &Foundry::cast);
  register_type<FooBar>("Foo")
      .constructor<>()
      .method("f", &FooBar::f)
      .method("g", &FooBar::g)
      .method("squares", &FooBar::squares);
}

}  // namespace mp::contract
