#pragma once

namespace mp::internal {

// What std::cout and its like, and stdio, hold back: written before a fork, lest both processes
// write it, and before the _exit() of a child, lest nobody does.

// Before a fork. What cannot be written stays the parent's.
void flush_before_fork() noexcept;

// In a child: standard input is /dev/null, and output starts clean.
void adopt_standard_streams() noexcept;

// Before _exit(). False if something written in this process could not be delivered.
bool flush_before_exit() noexcept;

}  // namespace mp::internal
