#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <ranges>
#include <string_view>
#include <utility>

#include "mp/any.h"
#include "mp/internal/object_maker.h"
#include "mp/object_options.h"
#include "mp/proxy/dict.h"
#include "mp/proxy/list.h"
#include "mp/proxy/namespace.h"
#include "mp/proxy/set.h"
#include "mp/proxy/shared_array.h"
#include "mp/proxy/shared_value.h"

namespace mp {

// The part of an ObjectFactory that makes what holds values; what holds of all is said there.
class ContainerFactory : public internal::ObjectMaker {
 public:
  // Python: manager.dict().
  template <class K = Any, class V = Any>
  DictProxy<K, V> dict() const {
    return DictProxy<K, V>(make(wire::Operation::kDictCreate, "dict", {}, {}));
  }
  template <class K = Any, class V = Any>
  DictProxy<K, V> dict(std::initializer_list<std::pair<K, V>> entries) const {
    return dict<K, V, std::initializer_list<std::pair<K, V>>&>(entries);
  }
  template <class K = Any, class V = Any, std::ranges::input_range Entries>
  requires(!std::convertible_to<Entries, std::string_view>) DictProxy<K, V> dict(Entries&& entries)
  const {
    wire::Scratch contents;
    for (auto&& [key, value] : entries)
      contents->entry(kContents, internal::as_item<K>(key), internal::as_item<V>(value));
    return DictProxy<K, V>(make(wire::Operation::kDictCreate, "dict", {}, {}, *contents));
  }
  template <class K = Any, class V = Any>
  DictProxy<K, V> dict(std::string_view name, CreateOptions options = {}) const {
    return DictProxy<K, V>(make(wire::Operation::kDictCreate, "dict", name, options));
  }

  // Python: manager.list().
  template <class T = Any>
  ListProxy<T> list() const {
    return ListProxy<T>(make(wire::Operation::kListCreate, "list", {}, {}));
  }
  template <class T = Any>
  ListProxy<internal::Kept<T>> list(std::initializer_list<T> values) const {
    using Item = internal::Kept<T>;
    return ListProxy<Item>(make_with<Item>(wire::Operation::kListCreate, "list", values));
  }
  template <class T = Any, std::ranges::input_range Values>
  requires(!std::convertible_to<Values, std::string_view>) ListProxy<T> list(Values&& values)
  const { return ListProxy<T>(make_with<T>(wire::Operation::kListCreate, "list", values)); }
  template <class T = Any>
  ListProxy<T> list(std::string_view name, CreateOptions options = {}) const {
    return ListProxy<T>(make(wire::Operation::kListCreate, "list", name, options));
  }

  // Python: manager.set().
  template <class T = Any>
  SetProxy<T> set() const {
    return SetProxy<T>(make(wire::Operation::kSetCreate, "set", {}, {}));
  }
  template <class T = Any>
  SetProxy<internal::Kept<T>> set(std::initializer_list<T> items) const {
    using Item = internal::Kept<T>;
    return SetProxy<Item>(make_with<Item>(wire::Operation::kSetCreate, "set", items));
  }
  template <class T = Any, std::ranges::input_range Items>
  requires(!std::convertible_to<Items, std::string_view>) SetProxy<T> set(Items&& items)
  const { return SetProxy<T>(make_with<T>(wire::Operation::kSetCreate, "set", items)); }
  template <class T = Any>
  SetProxy<T> set(std::string_view name, CreateOptions options = {}) const {
    return SetProxy<T>(make(wire::Operation::kSetCreate, "set", name, options));
  }

  // Python: manager.Namespace(), a word that C++ keeps for itself.
  NamespaceProxy namespace_() const {
    return NamespaceProxy(make(wire::Operation::kNamespaceCreate, "namespace", {}, {}));
  }
  NamespaceProxy namespace_(
      std::initializer_list<std::pair<std::string_view, Any>> attributes) const {
    wire::Scratch contents;
    for (const auto& [name, value] : attributes) {
      wire::Scratch attribute;
      attribute->str(1, name);
      attribute->value(2, value);
      contents->message(kContents, *attribute);
    }
    return NamespaceProxy(make(wire::Operation::kNamespaceCreate, "namespace", {}, {}, *contents));
  }
  NamespaceProxy namespace_(std::string_view name, CreateOptions options = {}) const {
    return NamespaceProxy(make(wire::Operation::kNamespaceCreate, "namespace", name, options));
  }

  // One number; what it is at first counts if it is made now. Python: manager.Value(typecode, v).
  // Errors: ValueError if a whole number is out of T's range.
  template <internal::SharedNumber T>
  ValueProxy<T> value() const {
    return value<T>(std::string_view(), T());
  }
  template <internal::SharedNumber T, internal::SharedNumber Number>
  ValueProxy<T> value(Number first) const {
    return value<T>(std::string_view(), first);
  }
  template <internal::SharedNumber T, internal::SharedNumber Number = T>
  ValueProxy<T> value(std::string_view name, Number first = {}, CreateOptions options = {}) const {
    wire::Scratch contents;
    contents->str(3, std::string_view(&kTypecode<T>, 1));
    internal::write_number<T>(*contents, 4, internal::number_cast<T>(first));
    return ValueProxy<T>(
        make(wire::Operation::kSharedValueCreate, "value", name, options, *contents));
  }

  // So many numbers, all 0 at first; or these. Python: manager.Array(typecode, sequence).
  template <internal::SharedNumber T>
  ArrayProxy<T> array(std::size_t length) const {
    return array<T>(std::string_view(), length);
  }
  template <internal::SharedNumber T>
  ArrayProxy<T> array(std::initializer_list<T> numbers) const {
    return array<T, std::initializer_list<T>&>(numbers);
  }
  template <internal::SharedNumber T, std::ranges::input_range Numbers>
  requires(!std::convertible_to<Numbers, std::string_view>) ArrayProxy<T> array(Numbers&& numbers)
  const { return array<T>(std::string_view(), std::forward<Numbers>(numbers)); }
  template <internal::SharedNumber T>
  ArrayProxy<T> array(std::string_view name, std::initializer_list<T> numbers,
                      CreateOptions options = {}) const {
    return array<T, std::initializer_list<T>&>(name, numbers, options);
  }
  template <internal::SharedNumber T>
  ArrayProxy<T> array(std::string_view name, std::size_t length, CreateOptions options = {}) const {
    wire::Scratch contents;
    contents->str(3, std::string_view(&kTypecode<T>, 1));
    contents->uint(4, length);
    return ArrayProxy<T>(
        make(wire::Operation::kSharedArrayCreate, "array", name, options, *contents));
  }
  template <internal::SharedNumber T, std::ranges::input_range Numbers>
  requires(!std::convertible_to<Numbers, std::string_view>)
      ArrayProxy<T> array(std::string_view name, Numbers&& numbers, CreateOptions options = {})
  const {
    wire::Scratch contents;
    contents->str(3, std::string_view(&kTypecode<T>, 1));
    internal::write_packed<T>(*contents, 5, numbers);
    return ArrayProxy<T>(
        make(wire::Operation::kSharedArrayCreate, "array", name, options, *contents));
  }

 protected:
  using ObjectMaker::ObjectMaker;

 private:
  template <class T>
  static constexpr char kTypecode = typecode_of<T>();
};

}  // namespace mp
