#include <algorithm>
#include <string>
#include <utility>

#include "client_lib/local/process/uncaught.h"
#include "mp/errors.h"
#include "mp/internal/registered_type.h"

namespace mp::internal {
namespace {

// Never destroyed: a manager in this process may outlive the static objects of this file.
std::vector<std::unique_ptr<RegisteredType>>& all() {
  static auto& types = *new std::vector<std::unique_ptr<RegisteredType>>();
  return types;
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

}  // namespace

std::string type_text(const std::type_info& type) {
  std::string text = readable_name(type);
  replace_all(text, "std::basic_string<char, std::char_traits<char>, std::allocator<char> >",
              "std::string");
  replace_all(text, "std::basic_string_view<char, std::char_traits<char> >", "std::string_view");
  return text;
}

void Arguments::require_size(std::size_t expected) const {
  if (size() == expected) return;
  throw BadArguments("takes " + std::to_string(expected) +
                     (expected == 1 ? " argument" : " arguments") + ", not " +
                     std::to_string(size()));
}

BadArguments Arguments::bad_argument(std::size_t index, std::string_view why) {
  return BadArguments("argument " + std::to_string(index + 1) + ": " + std::string(why));
}

RegisteredType& add_registered_type(std::string_view name, const std::type_info& type) {
  const auto is_taken = [&](const auto& other) {
    return other->name == name || *other->type == type;
  };
  if (std::ranges::any_of(all(), is_taken)) {
    throw ValueError("register_type: '" + std::string(name) + "', or " + type_text(type) +
                     ", is registered already");
  }
  all().push_back(std::make_unique<RegisteredType>());
  all().back()->name = name;
  all().back()->type = &type;
  return *all().back();
}

void add_constructor(RegisteredType& type, RegisteredConstructor constructor) {
  const std::size_t count = constructor.arguments;
  if (std::ranges::find(type.constructors, count, &RegisteredConstructor::arguments) !=
      type.constructors.end()) {
    throw ValueError("register_type: " + type.name + " has a constructor with " +
                     std::to_string(count) + (count == 1 ? " parameter" : " parameters") +
                     " already, and they are told apart by how many they have");
  }
  type.constructors.push_back(std::move(constructor));
}

void add_method(RegisteredType& type, RegisteredMethod method) {
  if (std::ranges::find(type.methods, method.name, &RegisteredMethod::name) != type.methods.end())
    throw ValueError("register_type: " + type.name + " has a method '" + method.name + "' already");
  type.methods.push_back(std::move(method));
}

const std::vector<std::unique_ptr<RegisteredType>>& registered_types() { return all(); }

const RegisteredType& registered_type(const std::type_info& type) {
  for (const auto& known : all()) {
    if (*known->type == type) return *known;
  }
  throw UnknownType(type_text(type) +
                    " is not registered in this program: call mp::register_type for it first");
}

const std::string& name_of_method(const std::type_info& type, const MethodPointer& pointer) {
  const RegisteredType& known = registered_type(type);
  for (const RegisteredMethod& method : known.methods) {
    if (method.pointer.type != nullptr && *method.pointer.type == *pointer.type &&
        method.pointer.bytes == pointer.bytes) {
      return method.name;
    }
  }
  throw AttributeError(known.name + " has no method that was registered with this " +
                       type_text(*pointer.type));
}

}  // namespace mp::internal
