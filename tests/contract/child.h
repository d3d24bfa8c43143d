#pragma once

#include "mp/mp.h"

namespace mp::contract {

// What `ask` tells in a forked child; false if it throws there. CPython's tests of managers' types
// make an object, and use it in a child.
template <class Ask>
bool in_a_child(Ask ask) {
  Process child([&ask] { mp::exit(ask() ? 0 : 1); });
  child.start();
  child.join();
  return child.exitcode() == 0;
}

}  // namespace mp::contract
