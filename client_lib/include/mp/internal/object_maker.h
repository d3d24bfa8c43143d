#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "mp/codec.h"
#include "mp/internal/remote_object.h"
#include "mp/object_options.h"
#include "mp/wire/message.h"
#include "mp/wire/operation.h"

namespace mp::internal {

class ManagerState;

// The items of a container that is made of these: text is kept as std::string.
template <class T>
using Kept = std::conditional_t<OneOf<T, const char*, char*, std::string_view>, std::string, T>;

// Makes objects of a manager, of any kind. What an ObjectFactory consists of has it as its base.
class ObjectMaker {
 protected:
  using Object = std::shared_ptr<const RemoteObject>;

  explicit ObjectMaker(std::shared_ptr<ManagerState> state);
  ~ObjectMaker();
  ObjectMaker(ObjectMaker&&) noexcept;
  ObjectMaker& operator=(ObjectMaker&&) noexcept;

  static constexpr std::uint32_t kContents = 3;  // first contents, in a container's request

  // `contents`: further fields of the request.
  Object make(wire::Operation operation, std::string_view kind, std::string_view name,
              const CreateOptions& options, const wire::Message& contents = {},
              const CallOptions& call = {}) const;
  template <class T, class Values>
  Object make_with(wire::Operation operation, std::string_view kind, Values&& values) const {
    wire::Scratch contents;
    for (auto&& value : values) contents->value(kContents, as_item<T>(value));
    return make(operation, kind, {}, {}, *contents);
  }

  std::shared_ptr<ManagerState> state_;
};

}  // namespace mp::internal
