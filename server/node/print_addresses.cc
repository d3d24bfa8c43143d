#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "server/node/node.h"

namespace mp::server {

void print_addresses(const ManagerOptions& options, const std::string& lines) {
  if (options.print_address_fd < 0) return;
  if (write(options.print_address_fd, lines.data(), lines.size()) < 0) {
    spdlog::warn("--print-address {}: {}", options.print_address_fd,
                 std::generic_category().message(errno));
  }
  close(options.print_address_fd);
}

}  // namespace mp::server
