#pragma once

#include <string>

namespace mp::server {

// A process that goes on by itself: the one that was started waits until this serves, and ends.
class Background {
 public:
  // Forks, before the first thread. Returns in the process that goes on; the other one exits, with
  // 0 once that serves, or with its exit status.
  Background();
  // Standard error goes to this file from now on, and whoever started us may go on.
  void serves(const std::string& log);

 private:
  int report_ = -1;
};

}  // namespace mp::server
