#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include "mp/proxy/item_reference.h"
#include "mp/proxy/methods/namespace.h"
#include "mp/proxy/proxy.h"
#include "mp/repr.h"

namespace mp {

// The asynchronous form of a NamespaceProxy: the same methods, giving futures; see AsyncDict.
class AsyncNamespace : public internal::NamespaceMethods<internal::Later> {
 public:
  explicit AsyncNamespace(Proxy proxy)
      : internal::NamespaceMethods<internal::Later>(std::move(proxy)) {}
};

// Values of any kind by attribute name, in a manager.
//
// Python: NamespaceProxy. All attributes are the manager's, also those whose names start with an
// underscore, which in Python stay with the proxy; printing leaves these out. What is common to all
// proxies is said at mp::Proxy.
//
// The methods are those of internal::NamespaceMethods with results at once: get at try_get get_or
// set erase contains attributes names update add.
//
//   auto ns = manager.namespace_("settings");
//   ns["x"] = 1;
//   ns["x"] += 1;                                  // one atomic operation
//   int x = ns["x"].as<int>();
//   ns.update({{"y", "a"}, {"_hidden", 3}});
//   std::cout << ns << '\n';                       // Namespace(x=2, y='a')
class NamespaceProxy : public internal::NamespaceMethods<internal::Now> {
 public:
  static constexpr std::string_view kKind = "namespace";

  explicit NamespaceProxy(std::shared_ptr<const internal::RemoteObject> object)
      : internal::NamespaceMethods<internal::Now>(Proxy(std::move(object))) {}

  // To be read, written or added to; see ItemReference.
  ItemReference<NamespaceProxy, std::string, Any> operator[](std::string name) const {
    return {*this, std::move(name)};
  }

  // The same namespace, for operations that run only while this very grant of the lock is held.
  // Errors: StaleTokenError, from the operations.
  NamespaceProxy fenced_by(const Proxy& lock, std::uint64_t token) const {
    return fenced(*this, lock, token);
  }

  // The same namespace, for calls that do not wait.
  AsyncNamespace async() const { return AsyncNamespace(*this); }
};

// As Python prints it: sorted, and without the names that start with an underscore.
// Blocks: for one round trip.
inline std::string str(const NamespaceProxy& space) {
  const std::vector<Attribute> attributes = space.attributes();
  std::string text;
  internal::ReprSink out(text);
  out.record("Namespace", attributes.size(), [&] {
    for (const auto& [name, value] : attributes) {
      if (!name.starts_with('_')) out.field(name, value);
    }
  });
  return text;
}

inline std::ostream& operator<<(std::ostream& out, const NamespaceProxy& space) {
  return out << str(space);
}

}  // namespace mp
