#pragma once

#include <stdexcept>
#include <utility>
#include <vector>

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

  void fill(std::size_t entries, const std::function<std::string(std::size_t)>& text) override {
    constexpr std::size_t kAtOnce = 1000;
    auto dict = manager_.dict<std::int64_t, std::string>("bench, many entries");
    std::vector<std::pair<std::int64_t, std::string>> batch;
    for (std::size_t i = 0; i < entries; ++i) {
      batch.emplace_back(static_cast<std::int64_t>(i), text(i));
      if (batch.size() < kAtOnce && i + 1 < entries) continue;
      dict.update(batch);
      batch.clear();
    }
    if (dict.size() != entries) throw std::runtime_error("entries are missing");
  }

  // A command starts after those that were sent before it, on the same connection.
  void park(std::size_t commands) override {
    auto queue = manager_.queue<std::string>("bench, nothing comes").async();
    for (std::size_t i = 0; i < commands; ++i) waiting_.push_back(queue.get());
    queue.flush();
    get();
  }

 private:
  static void check(const std::string& value) {
    if (value != kValue) throw std::runtime_error("a wrong value: " + value);
  }

  Manager manager_;
  DictProxy<std::string, std::string> dict_;
  AsyncDict<std::string, std::string> pipelined_;
  std::vector<Future<std::string>> futures_;
  std::vector<Future<std::string>> waiting_;
};

}  // namespace mp::bench
