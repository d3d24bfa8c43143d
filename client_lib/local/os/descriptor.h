#pragma once

#include <utility>

namespace mp::internal {

// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Descriptor() { close(); }

  bool is_open() const { return fd_ >= 0; }
  int get() const { return fd_; }
  void close() noexcept;
  // Gives it up, open.
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// The same file, under a number that is none of the three standard ones, which a child of ours and
// many a program rearrange; a new number is closed on exec. Not open, with errno, if the system
// refuses, or if the given one is not open.
Descriptor beyond_standard(Descriptor descriptor) noexcept;

// A duplicate, closed on exec, likewise.
Descriptor duplicate(int fd) noexcept;

}  // namespace mp::internal
