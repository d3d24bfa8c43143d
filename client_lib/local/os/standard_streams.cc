#include "client_lib/local/os/standard_streams.h"

#include <fcntl.h>
#include <stdio_ext.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace mp::internal {
namespace {

// Whether the last flush before a fork reached all files, those included that the program opened.
bool last_flush_was_whole = true;

// If it did not, the child holds copies of bytes that its parent will still write, and leaves all
// but the standard streams alone.
bool holds_bytes_of_parent = false;

template <class Stream>
bool flush_stream(Stream& stream) noexcept {
  try {
    stream.flush();
  } catch (...) {
    return false;  // the program asked the stream to throw; bad() tells the rest
  }
  return !stream.bad();
}

template <class Stream>
void start_clean(Stream& stream) noexcept {
  try {
    stream.clear(stream.rdstate() & ~std::ios_base::badbit);
  } catch (...) {
    return;  // what is left of its state still makes it throw: so it did in the parent
  }
}

bool flush_cxx_streams() noexcept {
  flush_stream(std::cerr);
  flush_stream(std::clog);
  flush_stream(std::wcerr);
  flush_stream(std::wclog);
  const bool narrow = flush_stream(std::cout);
  const bool wide = flush_stream(std::wcout);
  return narrow && wide;
}

enum class Flushed { kAll, kNotTried, kFailed };

// fflush(nullptr) locks every file in turn, and waits where another thread is blocked in reading
// one. For standard input, where threads do that, it can be known beforehand.
Flushed flush_all_files() noexcept {
  if (::ftrylockfile(stdin) != 0) return Flushed::kNotTried;
  const bool flushed = std::fflush(nullptr) == 0;
  ::funlockfile(stdin);
  return flushed ? Flushed::kAll : Flushed::kFailed;
}

void read_nothing() noexcept {
  ::__fpurge(stdin);
  // A descriptor 0 that is closed on exec is none that a program inherited as its input: something
  // else took the number when the input was closed.
  const int flags = ::fcntl(STDIN_FILENO, F_GETFD);
  if (flags < 0 || (flags & FD_CLOEXEC) != 0) return;
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0) return;
  ::dup2(null, STDIN_FILENO);
  ::close(null);
}

}  // namespace

void flush_before_fork() noexcept {
  flush_cxx_streams();
  std::fflush(stdout);
  last_flush_was_whole = !holds_bytes_of_parent && flush_all_files() == Flushed::kAll;
}

void adopt_standard_streams() noexcept {
  holds_bytes_of_parent = !last_flush_was_whole;
  read_nothing();
  if (std::ferror(stdout) != 0) {
    ::__fpurge(stdout);
    std::clearerr(stdout);
  }
  start_clean(std::cout);
  start_clean(std::wcout);
}

bool flush_before_exit() noexcept {
  const bool cxx = flush_cxx_streams();
  const bool standard_output = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  const bool files = holds_bytes_of_parent || flush_all_files() != Flushed::kFailed;
  return cxx && standard_output && files;
}

}  // namespace mp::internal
