#include "mp/local/address.h"

#include <limits>
#include <ostream>
#include <string_view>

#include "mp/errors.h"
#include "mp/repr.h"

namespace mp {
namespace {

constexpr char kNul = '\0';

int checked_port(int port) {
  if (port >= 0 && port <= std::numeric_limits<std::uint16_t>::max()) return port;
  throw ValueError(std::to_string(port) + " is no port: they are from 0 to 65535");
}

}  // namespace

Address::Address(std::string path) : name_(std::move(path)) {
  if (!name_.starts_with(kNul)) return;
  family_ = Family::kAbstract;
  name_.erase(0, 1);
}

Address::Address(std::string host, int port)
    : family_(Family::kTcp), name_(std::move(host)), port_(checked_port(port)) {}

Address Address::any(Family family) {
  if (family == Family::kTcp) return {"localhost", 0};
  return {family, {}, 0};
}

Address::Form Address::form() const {
  switch (family_) {
    case Family::kUnix:
      return name_;
    case Family::kAbstract:
      return Bytes(kNul + name_);
    case Family::kTcp:
      break;
  }
  return std::pair(name_, port_);
}

Address Address::from(Form form) {
  if (auto* path = std::get_if<std::string>(&form)) return Address(std::move(*path));
  if (auto* bytes = std::get_if<Bytes>(&form)) return Address(std::move(*bytes).to_string());
  auto& [host, port] = std::get<std::pair<std::string, int>>(form);
  return {std::move(host), port};
}

std::ostream& operator<<(std::ostream& out, const Address& address) {
  return out << repr(address.form());
}

}  // namespace mp
