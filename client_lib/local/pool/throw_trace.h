#pragma once

#include <string>

// Where an exception was thrown that a task did not catch.

namespace mp::internal {

// The stack of the last throw that left a watch_throws() on this thread, innermost first, a line
// for each frame: the function, where its name is known (link with -rdynamic, or in a library), and
// the place in its file as addr2line takes it. Empty if there was none. Forgets it.
std::string take_throw_trace();

}  // namespace mp::internal
