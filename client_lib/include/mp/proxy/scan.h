#pragma once

#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace mp {

// The entries of a container of a manager, fetched part by part: what the scan() of a proxy gives.
// A range to go through once; neither side holds more than a part of it.
//
// Blocks: begin(), and ++ where a part is at its end, for one round trip each. Errors, from the
// same: those of the proxy; RuntimeError if keys of a dict, or items of a set, have come or gone
// since the first part.
// Thread-safety: one thread at a time. After fork: works in the child, each going on by itself.
template <class T>
class Scan {
  struct State;

 public:
  // For the library. Fetches the next part into the vector; false: it was the last one.
  using Fetch = std::function<bool(std::vector<T>&)>;
  explicit Scan(Fetch fetch) : state_(std::make_shared<State>(State{std::move(fetch), {}})) {}

  class Iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using iterator_category = std::input_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = const T*;
    using reference = typename std::vector<T>::const_reference;  // of bools: a bool

    Iterator() = default;  // the end
    reference operator*() const { return std::as_const(state_->part)[state_->at]; }
    Iterator& operator++() {
      ++state_->at;
      state_->fill();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& left, std::default_sentinel_t) {
      return left.state_ == nullptr || left.state_->at == left.state_->part.size();
    }

   private:
    friend class Scan;
    explicit Iterator(std::shared_ptr<typename Scan::State> state) : state_(std::move(state)) {}

    std::shared_ptr<typename Scan::State> state_;
  };

  // Where the scan is: at the first entry, when nothing was fetched yet.
  Iterator begin() {
    state_->fill();
    return Iterator(state_);
  }
  std::default_sentinel_t end() const { return {}; }

 private:
  struct State {
    Fetch fetch;
    std::vector<T> part;
    std::size_t at = 0;
    bool more = true;

    // A part that is at its end gives way to the next one. After an error there is none.
    void fill() {
      while (more && at == part.size()) {
        part.clear();
        at = 0;
        more = false;
        std::vector<T> next;
        more = fetch(next);
        part = std::move(next);
      }
    }
  };

  std::shared_ptr<State> state_;
};

}  // namespace mp
