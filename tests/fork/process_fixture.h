#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <string_view>

// What tests with real children share.

namespace mp::test {

// A pipe whose ends can be let go of one by one. Children inherit both.
class Pipe {
 public:
  Pipe();
  // Takes these over.
  Pipe(int read_end, int write_end) : ends_{read_end, write_end} {}
  ~Pipe();
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void close_read_end() { close(0); }
  void close_write_end() { close(1); }

  void write(std::string_view text) const;
  // Waits for one byte; false at the end of file.
  bool wait_for_byte() const;
  // Gives up the own write end, and reads until all others are closed.
  std::string read_all();
  // What is in it now.
  std::string read_available() const;

 private:
  void close(int end);

  int ends_[2] = {-1, -1};
};

// Where children wait until the test, or its end, lets them go on.
class Gate {
 public:
  void open() { pipe_.close_write_end(); }
  void open_for_one() const { pipe_.write("."); }
  // In a child.
  void wait() {
    pipe_.close_write_end();
    pipe_.wait_for_byte();
  }

 private:
  Pipe pipe_;
};

// Checks that a test leaves no child, running or zombie, no descriptor, and no shared memory
// mapped, once its members are gone too.
class ProcessTest : public testing::Test {
 protected:
  ProcessTest();
  ~ProcessTest() override;

 private:
  std::multiset<std::string> descriptors_before_;
  std::multiset<std::string> mappings_before_;
};

std::multiset<std::string> open_descriptors();
// Of shared memory, by the names of the files.
std::multiset<std::string> mappings_of_memory();

// What `body` returns in a child of its own.
std::string in_child(const std::function<std::string()>& body);

// The exit code of a child that runs `body`.
int exitcode_of(const std::function<void()>& body);

// What a child that runs `body` writes to one of its standard descriptors.
std::string output_of(int descriptor, const std::function<void()>& body);

}  // namespace mp::test
