#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "mp/any.h"
#include "mp/proxy/methods/call.h"
#include "mp/proxy/proxy.h"

namespace mp {

// The name of an attribute, and its value.
using Attribute = std::pair<std::string, Any>;

namespace internal {

// mp.v1.Attribute.
template <class T>
void write_attribute(wire::Message& request, std::uint32_t field, std::string_view name,
                     const T& value) {
  wire::Scratch attribute;
  attribute->str(1, name);
  attribute->value(2, value);
  request.message(field, *attribute);
}

// Calls `use` with the reader of each attribute of the reply.
template <class Use>
void for_each_attribute(const Reply& reply, Use&& use) {
  for (wire::Fields fields = reply.fields(); fields.next();) {
    if (fields.field() == 1) use(fields.message());
  }
}

inline std::vector<Attribute> decode_attributes(const Reply& reply) {
  std::vector<Attribute> attributes;
  for_each_attribute(reply, [&](wire::Fields fields) {
    Attribute& attribute = attributes.emplace_back();
    while (fields.next()) {
      if (fields.field() == 1) attribute.first = fields.bytes();
      if (fields.field() == 2) attribute.second = fields.value<Any>();
    }
  });
  return attributes;
}

inline std::vector<std::string> decode_attribute_names(const Reply& reply) {
  std::vector<std::string> names;
  for_each_attribute(reply, [&](wire::Fields fields) {
    std::string& name = names.emplace_back();
    while (fields.next()) {
      if (fields.field() == 1) name = fields.bytes();
    }
  });
  return names;
}

// The methods of a NamespaceProxy (which has their common rules) and of its async() view, whose
// results are futures. Errors: ValueError for a name that is not UTF-8.
template <class Call>
class NamespaceMethods : public Methods<Call> {
 protected:
  using Base = Methods<Call>;
  using Base::ask, Base::call, Base::tolerating;
  using typename Base::Operation;
  template <class T>
  using Result = typename Base::template Result<T>;

  // Fields of the requests.
  static constexpr std::uint32_t kAttribute = 3;
  static constexpr std::uint32_t kAttributes = 3;
  static constexpr std::uint32_t kValue = 4;

 public:
  using Base::Base;

  // The value of an attribute. Python: ns.name.
  // Errors: AttributeError if absent; TypeError, ValueError if it is no T.
  //
  //   int x = ns.get<int>("x");
  template <class T = Any>
  Result<T> get(std::string_view name) const {
    return with_name(Operation::kNamespaceGet, name, ErrorCode::kUnspecified, decode_value<T>);
  }
  Result<Any> at(std::string_view name) const { return get<Any>(name); }

  // nullopt if absent.
  template <class T = Any>
  [[nodiscard]] Result<std::optional<T>> try_get(std::string_view name) const {
    return with_name(Operation::kNamespaceGet, name, ErrorCode::kAttributeError,
                     decode_optional_value<T>);
  }

  // `otherwise` if absent. Python: getattr(ns, name, otherwise).
  template <class T = Any>
  Result<T> get_or(std::string_view name, std::type_identity_t<T> otherwise) const {
    return with_name(Operation::kNamespaceGet, name, ErrorCode::kAttributeError,
                     [otherwise = std::move(otherwise)](const Reply& reply) {
                       return reply.ok() ? decode_value<T>(reply) : otherwise;
                     });
  }

  // Python: ns.name = value.
  Result<void> set(std::string_view name, const Any& value) const {
    return with_value(Operation::kNamespaceSet, name, value, decode_nothing);
  }
  template <Codable T>
  Result<void> set(std::string_view name, const T& value) const {
    return with_value(Operation::kNamespaceSet, name, value, decode_nothing);
  }

  // False if it was absent. Python: del ns.name.
  Result<bool> erase(std::string_view name) const {
    return with_name(Operation::kNamespaceDelete, name, ErrorCode::kAttributeError, decode_success);
  }

  // Python: hasattr(ns, name).
  Result<bool> contains(std::string_view name) const {
    return with_name(Operation::kNamespaceContains, name, ErrorCode::kUnspecified, decode_flag);
  }

  // Everything at one moment, sorted by name, in one round trip. Python: sorted(vars(ns).items()).
  Result<std::vector<Attribute>> attributes() const {
    return ask(Operation::kNamespaceAttributes, decode_attributes);
  }
  // The values travel too. Python: sorted(vars(ns)).
  Result<std::vector<std::string>> names() const {
    return ask(Operation::kNamespaceAttributes, decode_attribute_names);
  }

  // Sets all attributes of a range of pairs, all or none, in one round trip.
  //
  //   ns.update({{"x", 1}, {"y", "a"}});
  template <std::ranges::input_range Attributes = std::initializer_list<Attribute>>
  Result<void> update(Attributes&& attributes) const {
    wire::Scratch request;
    for (const auto& [name, value] : attributes) {
      write_attribute(*request, kAttributes, name, value);
    }
    return call(Operation::kNamespaceUpdate, request, decode_nothing);
  }

  // ns.name += operand, from zero if the attribute is absent; gives the sum. Strings and lists are
  // appended to. Errors: TypeError for what cannot be added.
  template <class T = Any, Codable Operand>
  Result<T> add(std::string_view name, const Operand& operand) const {
    return with_value(Operation::kNamespaceAdd, name, operand, decode_value<T>);
  }

 protected:
 private:
  template <class Decode>
  auto with_name(Operation operation, std::string_view name, ErrorCode tolerated,
                 Decode&& decode) const {
    wire::Scratch request;
    request->str(kAttribute, name);
    return call(operation, request, tolerating(tolerated), std::forward<Decode>(decode));
  }

  template <class T, class Decode>
  auto with_value(Operation operation, std::string_view name, const T& value,
                  Decode&& decode) const {
    wire::Scratch request;
    request->str(kAttribute, name);
    request->value(kValue, value);
    return call(operation, request, std::forward<Decode>(decode));
  }
};

}  // namespace internal

}  // namespace mp
