#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>

namespace mp::test {

inline std::set<std::string> names_in_shm() {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator("/dev/shm"))
    names.insert(entry.path().filename().string());
  return names;
}

// A name for a test of this process, other than those of programs that run at the same time.
inline std::string own_name(const std::string& suffix) {
  return "mp_test_" + std::to_string(::getpid()) + "_" + suffix;
}

inline bool exists(const std::string& name) { return names_in_shm().contains(name); }

// Checks that a test leaves no name of its own.
class NamesAreGone {
 public:
  ~NamesAreGone() {
    for (const auto& name : names_in_shm())
      EXPECT_FALSE(name.starts_with(own_name(""))) << name << " is left";
  }
};

}  // namespace mp::test
