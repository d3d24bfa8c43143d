#include <cstddef>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bench/manager_operations.h"

// Watches and the near cache.

namespace mp::bench {
namespace {

// A dict, and threads that wait for its changes, each on a connection of its own. They end when the
// dict is deleted.
class Audience {
 public:
  Audience(const Manager& manager, std::size_t subscribers)
      : manager_(manager),
        name_("bench, watched by " + std::to_string(subscribers)),
        dict_(manager.dict<std::string, std::string>(name_)) {
    for (std::size_t i = 0; i < subscribers; ++i) {
      threads_.emplace_back([this, watch = manager.watch(dict_, {.new_values = true})] {
        for (const auto& event : watch) {
          if (!event.deleted) told_.release();
        }
      });
    }
  }
  ~Audience() {
    manager_.remove(name_);
    for (std::thread& thread : threads_) thread.join();
  }
  Audience(const Audience&) = delete;
  Audience& operator=(const Audience&) = delete;

  // One change, until everybody has been told of it.
  void change() {
    dict_.set(kKey, kValue);
    for (std::size_t i = 0; i < threads_.size(); ++i) told_.acquire();
  }

 private:
  const Manager& manager_;
  const std::string name_;
  const DictProxy<std::string, std::string> dict_;
  std::counting_semaphore<> told_{0};
  std::vector<std::thread> threads_;
};

}  // namespace

Repeated watched_by(const Manager& manager, std::size_t subscribers) {
  return {[audience = std::make_shared<Audience>(manager, subscribers)] { audience->change(); }};
}

Repeated near_cache_hits(const Manager& manager) {
  constexpr std::size_t kAtOnce = 1000;  // one takes no longer than to read the clock
  auto dict = manager.dict<std::string, int>("bench, near", {.near_cache = true});
  dict.set(kKey, 42);
  return {[dict] {
            for (std::size_t i = 0; i < kAtOnce; ++i) {
              if (dict.get(kKey) != 42) throw std::runtime_error("a wrong result");
            }
          },
          kAtOnce};
}

}  // namespace mp::bench
