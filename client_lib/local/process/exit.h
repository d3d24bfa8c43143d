#pragma once

#include <functional>

// The ways a process ends.

namespace mp::internal {

// What mp::exit() throws where it unwinds. No std::exception, so that those who handle errors do
// not take it for one.
struct ExitRequest {
  int code;
};

// While one is in scope, mp::exit() on this thread throws an ExitRequest, which somebody further
// out catches.
class ExitUnwinds {
 public:
  ExitUnwinds() noexcept;
  ~ExitUnwinds();
  ExitUnwinds(const ExitUnwinds&) = delete;
  ExitUnwinds& operator=(const ExitUnwinds&) = delete;

 private:
  bool further_out_;
};

// Runs what others wrote, and gives the exit code that its end amounts to: 0, the code of its
// mp::exit(), or 1 after any other exception, whose text is then on standard error.
int run_to_exitcode(const std::function<void()>& body) noexcept;

// Sees to it, once, that at_exit() handlers run and children are joined when this process exits.
void prepare_exit_of_first_process();

// In a child: std::exit() ends it as leave() does, so that nothing inherited is destroyed.
void prepare_exit_of_child();

// Ends a child: handlers, children, streams, _exit().
[[noreturn]] void leave(int code) noexcept;

}  // namespace mp::internal
