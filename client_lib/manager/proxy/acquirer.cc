#include "mp/proxy/acquirer.h"

#include <cstdio>
#include <exception>

namespace mp::internal {

namespace {

// This thread's last unlock(), if it failed.
struct FailedRelease {
  std::uint64_t id = 0;
  std::string reason;
};
thread_local FailedRelease last_failed_release;

}  // namespace

void release_quietly(std::uint64_t id, const std::function<void()>& release) noexcept {
  try {
    try {
      release();
      last_failed_release = {};
    } catch (const std::exception& error) {
      std::fprintf(stderr, "mp: unlock failed: %s\n", error.what());
      last_failed_release = {id, error.what()};
    }
  } catch (...) {  // no memory to say so
  }
}

std::string last_release_error(std::uint64_t id) {
  return last_failed_release.id == id ? last_failed_release.reason : std::string();
}

}  // namespace mp::internal
