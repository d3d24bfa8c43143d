#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <utility>

namespace mp::server {

// Of all that is offered, the first `limit` by key, and whether there are more.
template <class Key, class Item>
class Page {
 public:
  explicit Page(std::uint32_t limit) : limit_(limit == 0 ? kDefaultLimit : limit) {}

  bool wants(const auto& key) const {
    return items_.size() <= limit_ || key < std::prev(items_.end())->first;
  }
  void add(Key key, Item item) {
    items_.emplace(std::move(key), std::move(item));
    if (items_.size() > limit_ + 1) items_.erase(std::prev(items_.end()));
  }
  std::map<Key, Item> take() {
    if (more()) items_.erase(std::prev(items_.end()));
    return std::move(items_);
  }
  bool more() const { return items_.size() > limit_; }
  std::size_t limit() const { return limit_; }

 private:
  static constexpr std::size_t kDefaultLimit = 1000;

  const std::size_t limit_;
  std::map<Key, Item> items_;  // one more than the limit
};

}  // namespace mp::server
