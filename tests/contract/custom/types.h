#pragma once

#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "mp/mp.h"

// The types that the tests' managers host.

namespace mp::contract {

struct NotToday : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A number that its codec can't read where it is odd.
struct Even {
  int number;
};

class Counter {
 public:
  explicit Counter(int value) : value_(value) {
    if (value < 0) throw NotToday("no counter begins below 0");
  }
  Counter(int value, const std::string& text) : Counter(value + static_cast<int>(text.size())) {}

  int increment(int by) { return value_ += by; }
  int increment_evenly(int by, const Even& more) { return value_ += by + more.number; }
  int value() const { return value_; }
  const std::string& name() const { return name_; }
  void rename(std::string_view name) { name_ = name; }
  Bytes padded(std::size_t size) {
    ++value_;
    return Bytes(std::string(size, 'x'));
  }

  void fail(const std::string& why) { throw NotToday(why); }
  void fail_otherwise() { throw 42; }  // NOLINT(hicpp-exception-baseclass): the point
  void fail_through_a_proxy(const DictProxy<std::string, int>& dict) { dict.at("nothing"); }

  std::unique_ptr<Counter> split(int part) {
    if (part == 0) return nullptr;
    value_ -= part;
    return std::make_unique<Counter>(part);
  }
  Counter copy() const { return *this; }

 private:
  int value_;
  std::string name_;
};

// Where callers meet: its methods wait for events, so that a test knows who is inside.
class Hall {
 public:
  int stay(const EventProxy& entered, const EventProxy& leave) {
    entered.set();
    leave.wait();
    return ++visits_;
  }
  int look(const EventProxy& entered, const EventProxy& leave) const {
    entered.set();
    leave.wait();
    return visits_;
  }
  int visits() const { return visits_; }
  // Until its caller has given up.
  void stay_alone(const EventProxy& entered, const EventProxy& noticed);
  // Whatever happens, until this is set.
  void stay_on(const EventProxy& entered, const EventProxy& leave);

  // Calls the same of the first one with the rest; the last one says how many they were.
  int pass_on(const std::vector<CustomProxy<>>& others);
  int look_on(const std::vector<CustomProxy<>>& others) const;
  // The same of all, at once.
  int spread(const std::vector<CustomProxy<>>& others);

  void take(const LockProxy& lock) { const std::scoped_lock held(lock); }
  // Calls the same of the other one, while it has the lock.
  void take_and_pass(const LockProxy& lock, const CustomProxy<>& other) {
    const std::scoped_lock held(lock);
    other.call("take", lock);
  }

  void keep(const ListProxy<int>& list) { kept_ = std::make_unique<ListProxy<int>>(list); }
  void add(int number) const { kept_->append(number); }
  // Notes in the manager's dict of this name that it was here, and until when its caller waits.
  bool sign(const std::string& dict);

 private:
  int visits_ = 0;
  std::unique_ptr<ListProxy<int>> kept_;
};

// Takes its time to be made, and to do what it is asked to: until it may go on.
class Foundry {
 public:
  // Says that it has begun; gives up if it is impatient, and nobody waits for it any more.
  Foundry(const std::string& patience, const QueueProxy<int>& made, const EventProxy& go_on);

  int answer() const { return 42; }
  // Says that it has begun, and in the end appends the number.
  void cast(const ListProxy<int>& casts, int number, const QueueProxy<int>& begun,
            const EventProxy& go_on);
};

// CPython's FooBar and baz of _TestMyManager.
class FooBar {
 public:
  std::string f() const { return "f()"; }
  void g() const { throw ValueError("g()"); }
  std::string h() const { return "_h()"; }
  std::vector<int> squares() const;
};

void register_types();

}  // namespace mp::contract

template <>
struct mp::Codec<mp::contract::Even> {
  static constexpr KindSet kKinds{ValueKind::kInt};
  template <class Sink>
  static void write(Sink& out, const mp::contract::Even& even) {
    out.write(even.number);
  }
  template <class Source>
  static mp::contract::Even read(Source& in) {
    const int number = Codec<int>::read(in);
    if (number % 2 != 0) throw std::domain_error("it is odd");
    return {number};
  }
};
