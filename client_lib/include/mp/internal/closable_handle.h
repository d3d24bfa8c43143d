#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace mp::internal {

// One of several handles to a State, that can be closed by itself: a copy is to this what, between
// processes, the other process's is. State counts those that are open:
//
//   bool add_handle();      // false if there is none left: then there never will be
//   void remove_handle();
//
// Thread-safety: as of a std::shared_ptr; any thread may close it.
template <class State>
class ClosableHandle {
 public:
  explicit ClosableHandle(std::shared_ptr<State> state)
      : state_(std::move(state)), is_open_(state_->add_handle()) {}
  ClosableHandle(const ClosableHandle& other)
      : state_(other.state_), is_open_(other.is_open_ && state_->add_handle()) {}
  ClosableHandle(ClosableHandle&& other) noexcept
      : state_(std::move(other.state_)), is_open_(other.is_open_.exchange(false)) {}
  ClosableHandle& operator=(ClosableHandle other) noexcept {
    state_.swap(other.state_);
    is_open_ = other.is_open_.exchange(is_open_);
    return *this;
  }
  ~ClosableHandle() { close(); }

  void close() const {
    if (is_open_.exchange(false)) state_->remove_handle();
  }
  bool is_open() const { return is_open_; }
  // nullptr of one that was moved from.
  const std::shared_ptr<State>& state() const { return state_; }

 private:
  std::shared_ptr<State> state_;
  mutable std::atomic<bool> is_open_;
};

}  // namespace mp::internal
