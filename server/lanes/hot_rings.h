#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "client_lib/local/shared/spin.h"
#include "server/lanes/local_connection.h"

namespace mp::server {

// The rings that a thread of the lane looks at by itself, because something came through them a
// moment ago. All others are asleep: their clients ring, and until then they cost nothing.
//
// Of that thread.
class HotRings {
 public:
  // `busy` counts those of all threads.
  explicit HotRings(std::atomic<std::uint32_t>& busy) : busy_(busy) {}
  ~HotRings() { count(-hot_.size()); }
  HotRings(const HotRings&) = delete;
  HotRings& operator=(const HotRings&) = delete;

  bool empty() const { return hot_.empty(); }
  void add(LocalConnection& connection);
  void remove(LocalConnection& connection);

  // Looks into each once, and hands on what is there. `on_over(connection)` for each that is over,
  // which has been removed. True if anything came, of which `bytes` counts how much.
  template <class OnOver>
  bool serve(const OnOver& on_over, std::size_t& bytes) {
    bool came = false;
    for (std::size_t i = 0; i < hot_.size();) {
      LocalConnection& connection = *hot_[i];
      std::size_t received = 0;
      const bool open = serve_one(connection, received);
      came = came || received != 0 || !open;
      bytes += received;
      if (!open) {
        remove(connection);
        on_over(connection);
      } else if (is_cold(connection, received)) {
        remove(connection);
      } else {
        ++i;
      }
    }
    return came;
  }

  // All go to sleep: true, and there are none any more. Or something has come meanwhile.
  bool lie_down();

  // Where their clients are.
  mp::internal::Surroundings around() const;

 private:
  bool serve_one(LocalConnection& connection, std::size_t& received) const;
  static bool is_cold(LocalConnection& connection, std::size_t received);
  void count(std::size_t change) {
    busy_.fetch_add(static_cast<std::uint32_t>(change), std::memory_order_relaxed);
  }

  std::atomic<std::uint32_t>& busy_;
  std::vector<LocalConnection*> hot_;
};

}  // namespace mp::server
