#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace mp {

namespace internal {
class RemoteObject;
}  // namespace internal

// A reference to an object of a manager, as a container holds it. Python: a proxy inside of a
// container. `any.as<mp::DictProxy<>>()` makes it a proxy again.
//
// Ids are never used again, so two references are equal if and only if they mean the same object.
class ObjectRef {
 public:
  ObjectRef(std::uint64_t id, std::string_view kind,
            std::shared_ptr<const internal::RemoteObject> object = nullptr)
      : id_(id), kind_(kind), object_(std::move(object)) {}

  std::uint64_t id() const { return id_; }
  const std::string& kind() const { return kind_; }  // "dict", "list", ...

  // The session's handle; null in a value that did not come through a session.
  const std::shared_ptr<const internal::RemoteObject>& object() const { return object_; }

  friend bool operator==(const ObjectRef& left, const ObjectRef& right) {
    return left.id_ == right.id_;
  }

 private:
  std::uint64_t id_;
  std::string kind_;
  std::shared_ptr<const internal::RemoteObject> object_;
};

}  // namespace mp
