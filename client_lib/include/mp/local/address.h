#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <utility>
#include <variant>

#include "mp/bytes.h"
#include "mp/codec.h"

namespace mp {

// How a Listener can be reached.
enum class Family : std::uint8_t {
  kUnix,      // by the path of a socket file; Python: 'AF_UNIX', a str
  kAbstract,  // by a name on this machine that is no file and ends with its socket; "\0name"
  kTcp,       // by host and port; Python: 'AF_INET', a tuple
};

// Where a Listener is. A value, which can be an argument of a process, and be sent.
//
//   mp::Address a("/run/jobs.sock"), b = mp::Address::abstract("jobs"), c("localhost", 6000);
class Address {
 public:
  // A path; after a leading NUL, as Python writes it, an abstract name.
  Address(std::string path);
  Address(const char* path) : Address(std::string(path)) {}

  // A host's name or number, IPv4 or IPv6; "" is every interface of this one. Port 0 is any free
  // one. Errors: ValueError for what is no port.
  Address(std::string host, int port);

  static Address abstract(std::string name) {
    return Address(Family::kAbstract, std::move(name), 0);
  }

  // Any free one: a new file in the folder for temporary ones, which only this user can connect to;
  // a name that the system chooses; a port of the loopback.
  static Address any(Family family);

  Family family() const { return family_; }
  // The path, the abstract name, or the host.
  const std::string& name() const { return name_; }
  // 0 for those that have none.
  int port() const { return port_; }

  friend bool operator==(const Address&, const Address&) = default;

  // As Python: '/run/jobs.sock', b'\x00jobs', ('127.0.0.1', 6000)
  friend std::ostream& operator<<(std::ostream& out, const Address& address);

 private:
  friend struct Codec<Address>;
  // As Python has them.
  using Form = std::variant<std::string, Bytes, std::pair<std::string, int>>;

  Address(Family family, std::string name, int port)
      : family_(family), name_(std::move(name)), port_(port) {}

  Form form() const;
  static Address from(Form form);

  Family family_ = Family::kUnix;
  std::string name_;
  int port_ = 0;
};

template <>
struct Codec<Address> {
  static constexpr KindSet kKinds = Codec<Address::Form>::kKinds;
  template <class Sink>
  static void write(Sink& out, const Address& address) {
    out.write(address.form());
  }
  template <class Source>
  static Address read(Source& in) {
    return Address::from(Codec<Address::Form>::read(in));
  }
};

}  // namespace mp
