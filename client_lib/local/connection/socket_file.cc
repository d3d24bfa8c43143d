#include "client_lib/local/connection/socket_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "client_lib/local/os/socket_io.h"
#include "mp/internal/fork_hooks.h"

namespace mp::internal {
namespace {

std::optional<FileIdentity> socket_at(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode)) return std::nullopt;
  return FileIdentity{found.st_dev, found.st_ino};
}

FileIdentity identity_of(const std::string& path) {
  if (const auto identity = socket_at(path)) return *identity;
  throw_cannot("find the file of a new socket", errno);
}

int bind_to(const Descriptor& socket, const SocketAddress& address) {
  return ::bind(socket.get(), address.get(), address.size) == 0 ? 0 : errno;
}

// A socket file that nobody has open. To connect with another type than a listener's disturbs
// nobody: to one that lives it is an error of its own.
std::optional<FileIdentity> dead_socket_at(const std::string& path) {
  const auto identity = socket_at(path);
  if (!identity) return std::nullopt;
  const Descriptor probe(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!probe.is_open()) return std::nullopt;
  const SocketAddress address = unix_address(Family::kUnix, path);
  const bool is_dead =
      ::connect(probe.get(), address.get(), address.size) != 0 && errno == ECONNREFUSED;
  return is_dead ? identity : std::nullopt;
}

// Whoever has this abstract name may remove that file; it ends with its holder.
Descriptor take_turn(const FileIdentity& file) {
  Descriptor turn(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const std::string name =
      "mp-take-over-" + std::to_string(file.device) + "-" + std::to_string(file.inode);
  if (turn.is_open() && bind_to(turn, unix_address(Family::kAbstract, name)) != 0) turn.close();
  return turn;
}

}  // namespace

SocketFile::SocketFile(const std::string& path)
    : path_(std::filesystem::absolute(path)),
      identity_(identity_of(path_)),
      generation_(fork_generation()) {}

void SocketFile::remove() noexcept {
  if (generation_ != fork_generation() || removed_.exchange(true)) return;
  if (socket_at(path_) == identity_) ::unlink(path_.c_str());
}

int bind_to_file(const Descriptor& socket, const std::string& path) {
  const SocketAddress address = unix_address(Family::kUnix, path);
  const int error = bind_to(socket, address);
  if (error != EADDRINUSE) return error;
  const auto dead = dead_socket_at(path);
  if (!dead) return error;
  const Descriptor turn = take_turn(*dead);
  if (!turn.is_open()) return error;  // another is about to listen there
  // Who had the turn before may be done by now. And a bind() in the kernel shows its file before it
  // is found to be open; this one waits until that is over.
  const int again = bind_to(socket, address);
  if (again != EADDRINUSE) return again;
  if (dead_socket_at(path) != dead || ::unlink(path.c_str()) != 0) return again;
  return bind_to(socket, address);
}

std::string arbitrary_path() {
  std::array<unsigned char, 8> random{};
  if (::getentropy(random.data(), random.size()) != 0) throw_cannot("choose a path", errno);
  std::string name = "mp-listener-";
  for (const unsigned char byte : random) {
    constexpr char kDigits[] = "0123456789abcdef";
    name += kDigits[byte >> 4U];
    name += kDigits[byte & 0xFU];
  }
  return std::filesystem::temp_directory_path() / name;
}

}  // namespace mp::internal
