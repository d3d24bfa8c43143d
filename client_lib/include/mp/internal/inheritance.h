#pragma once

#include <functional>
#include <string>
#include <string_view>

// How the layers above give a child that shares no memory with its parent what it needs of theirs:
// a level of logging, the way to a manager. For forked children there is mp/internal/fork_hooks.h.

namespace mp::internal {

struct Inheritance {
  // Tells them apart; the same in parent and child.
  std::string name;

  // In the parent, on the thread that starts the child, before there is one. It may leave
  // descriptors (mp/internal/travel.h). What it throws, start() throws.
  std::function<std::string()> pack;

  // In the child, before its arguments are read: what pack() said. What it throws ends the child
  // like an exception of the callable.
  std::function<void(std::string_view)> unpack;
};

// In the order in which they are registered. Call it while static objects are made, so that a child
// has registered the same as its parent.
//
// Thread-safety: any thread, but not from within one of these functions.
void register_inheritance(Inheritance inheritance);

}  // namespace mp::internal
