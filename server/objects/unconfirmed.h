#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "server/objects/queued_items.h"
#include "server/objects/step.h"

namespace mp::server {

// The items that a queue has given to somebody who has not confirmed them, by their numbers.
class Unconfirmed {
 public:
  struct Delivered {
    Owner to;
    QueuedItem item;
  };

  void add(Delivered delivered);
  // None if it is not here.
  std::optional<Delivered> take(std::uint64_t number);
  // All of a session, the last one first.
  std::vector<QueuedItem> take_all_of(SessionId session);

  bool is_of(std::uint64_t number, SessionId session) const;
  // The first of this owner, or else of its session.
  std::optional<std::uint64_t> first_of(Owner owner) const;
  // Is there one that may come back while this session lives?
  bool may_return_to(SessionId session) const;

  std::size_t size() const { return items_.size(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }

 private:
  std::map<std::uint64_t, Delivered> items_;
  std::map<SessionId, std::size_t> counts_;
};

}  // namespace mp::server
