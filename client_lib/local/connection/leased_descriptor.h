#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>

#include "client_lib/local/os/descriptor.h"

namespace mp::internal {

// A descriptor that threads use while another may close it: it stays open until the last use has
// ended, so that nobody reads from what its number came to mean meanwhile.
//
// Thread-safety: any thread. After fork: uses by threads that the child has not got do not count.
class LeasedDescriptor {
 public:
  // One use.
  class Lease {
   public:
    Lease(Lease&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), generation_(other.generation_) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    int get() const { return owner_->fd_; }

   private:
    friend class LeasedDescriptor;
    Lease(LeasedDescriptor* owner, std::uint64_t generation)
        : owner_(owner), generation_(generation) {}

    LeasedDescriptor* owner_;
    std::uint64_t generation_;
  };

  explicit LeasedDescriptor(Descriptor descriptor) : fd_(descriptor.release()) {}
  ~LeasedDescriptor() { close(); }
  LeasedDescriptor(const LeasedDescriptor&) = delete;
  LeasedDescriptor& operator=(const LeasedDescriptor&) = delete;

  // nullopt once it is closed.
  std::optional<Lease> use();

  void close() noexcept;
  bool is_closed() const noexcept;

 private:
  // How often it is in use, since which fork, and whether it is closed, in one word.
  static constexpr std::uint64_t kClosed = std::uint64_t{1} << 31U;
  static constexpr std::uint64_t kUses = kClosed - 1;
  static constexpr unsigned kGenerationShift = 32;

  static std::uint64_t this_generation() noexcept;
  static std::uint64_t generation_of(std::uint64_t word) { return word >> kGenerationShift; }
  static std::uint64_t without_lost_uses(std::uint64_t word) noexcept;
  void end_use(std::uint64_t generation) noexcept;

  const int fd_;
  std::atomic<std::uint64_t> word_ = this_generation() << kGenerationShift;
};

}  // namespace mp::internal
