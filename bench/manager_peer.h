#pragma once

#include <cstddef>
#include <functional>
#include <latch>
#include <optional>
#include <semaphore>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "bench/manager_operations.h"
#include "bench/peer.h"
#include "mp/manager.h"

namespace mp::bench {

// mp's own side, by whatever road the manager was connected to.
class ManagerPeer final : public Peer {
 public:
  explicit ManagerPeer(Manager manager)
      : manager_(std::move(manager)),
        dict_(manager_.dict<std::string, std::string>("bench")),
        pipelined_(dict_.async()) {}

  void get() override { check(dict_[kKey]); }
  void set() override { dict_[kKey] = kValue; }

  void get_many(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) futures_.push_back(pipelined_.at(kKey));
    for (auto& future : futures_) check(future.get());
    futures_.clear();
  }

  Repeated repeated(const std::string& what) override { return repeated_of(manager_, what); }

  void fill(const Filling& filling) override { bench::fill(manager_, filling); }

  // A command starts after those that were sent before it, on the same connection.
  void park(const std::string& kind, std::size_t commands) override {
    if (kind == "queue") {
      waiting_ = park_many(manager_.queue<std::string>("bench, nothing comes").async(), commands,
                           [](const auto& queue) { return queue.get(); });
    } else if (kind == "lock") {
      const LockProxy lock = manager_.lock("bench, held");
      lock.lock();
      waiting_ = park_many(lock.async(), commands, [](const auto& each) { return each.acquire(); });
    } else {
      throw std::runtime_error("nothing waits for a " + kind);
    }
    get();
  }

  void make_dicts(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) dicts_.push_back(manager_.dict());
  }

  // A thread has a connection of its own.
  void keep_lanes(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      std::latch used(1);
      lanes_.emplace_back([this, &used](const std::stop_token& end) {
        constexpr int kCalls = 200;
        for (int call = 0; call < kCalls; ++call) get();
        used.count_down();
        rest(end);
      });
      used.wait();
    }
  }

  void acquire() override {
    the(lock_, [this] { return manager_.lock("bench, crowd"); }).lock();
  }
  void release() override { lock_.value().release(); }
  void arrive(std::size_t parties) override {
    the(barrier_, [&] { return manager_.barrier("bench, crowd's", parties); }).wait();
  }
  void put(const std::string& item) override { queue().put(item); }
  std::string take() override { return queue().get(); }

 private:
  static void check(const std::string& value) {
    if (value != kValue) throw std::runtime_error("a wrong value: " + value);
  }

  // Sleeps until it is asked to end.
  static void rest(const std::stop_token& end) {
    std::binary_semaphore asked(0);
    const std::stop_callback wake(end, [&asked] { asked.release(); });
    asked.acquire();
  }

  // Keeps the futures, whose end would take the commands back.
  template <class Async, class Start>
  static std::function<void()> park_many(Async async, std::size_t commands, Start start) {
    std::vector<decltype(start(async))> futures;
    for (std::size_t i = 0; i < commands; ++i) futures.push_back(start(async));
    async.flush();
    auto kept = std::make_shared<decltype(futures)>(std::move(futures));
    return [kept] {};
  }

  // Made when it is first used.
  template <class Proxy, class Make>
  static Proxy& the(std::optional<Proxy>& proxy, Make make) {
    if (!proxy) proxy.emplace(make());
    return *proxy;
  }
  QueueProxy<std::string>& queue() {
    return the(queue_, [this] { return manager_.queue<std::string>("bench, crowd's items"); });
  }

  Manager manager_;
  DictProxy<std::string, std::string> dict_;
  AsyncDict<std::string, std::string> pipelined_;
  std::vector<Future<std::string>> futures_;
  std::function<void()> waiting_;
  std::vector<DictProxy<>> dicts_;
  std::optional<LockProxy> lock_;
  std::optional<BarrierProxy> barrier_;
  std::optional<QueueProxy<std::string>> queue_;
  std::vector<std::jthread> lanes_;
};

}  // namespace mp::bench
