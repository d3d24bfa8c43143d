#include "mp/any.h"

#include <limits>
#include <ostream>
#include <string>

#include "client_lib/local/codec/utf8.h"

namespace mp {

bool Any::Set::add(Any item) {
  if (contains(item)) return false;
  if (!internal::same_key(item, item)) throw ValueError("NaN cannot be an item of a set");
  index_.push_back(internal::hash_of_key(item));
  items_.push_back(std::move(item));
  return true;
}

Any::Set::Set(std::initializer_list<Any> items) {
  for (const Any& item : items) add(item);
}

bool Any::Set::contains(const Any& item) const {
  return index_.find(internal::hash_of_key(item), [&](std::size_t at) {
    return internal::same_key(items_[at], item);
  }) != internal::HashIndex::kNone;
}

std::size_t Any::Set::size() const { return items_.size(); }

Any::Any(Dict dict) : value_(Box<Dict>(std::move(dict))) {}
Any::Any(Set set) : value_(Box<Set>(std::move(set))) {}
Any::Any(ObjectRef ref) : value_(Box<ObjectRef>(std::move(ref))) {}
Any::Any(Array array) : value_(Box<Array>(std::move(array))) {}
Any::Any(Record record) : value_(Box<Record>(std::move(record))) {}

namespace {

template <class... Items>
Any::List list_of(Items&... items) {
  Any::List list;
  list.reserve(sizeof...(items));
  (list.push_back(std::move(items)), ...);
  return list;
}

}  // namespace

Any::Any(Any a, Any b) : value_(list_of(a, b)) {}
Any::Any(Any a, Any b, Any c) : value_(list_of(a, b, c)) {}
Any::Any(Any a, Any b, Any c, Any d) : value_(list_of(a, b, c, d)) {}
Any::Any(Any a, Any b, Any c, Any d, Any e) : value_(list_of(a, b, c, d, e)) {}
Any::Any(Any a, Any b, Any c, Any d, Any e, Any f) : value_(list_of(a, b, c, d, e, f)) {}

Any Any::dict(std::initializer_list<std::pair<Any, Any>> entries) { return Dict(entries); }

void Any::set_unsigned(std::uint64_t number) {
  if (number <= std::numeric_limits<std::int64_t>::max()) {
    value_ = static_cast<std::int64_t>(number);
  } else {
    value_ = number;
  }
}

namespace {

const Any& item_at(const Any::List& items, const Any& key) {
  auto index = key.as<std::int64_t>();
  const auto size = static_cast<std::int64_t>(items.size());
  if (index < 0) index += size;
  if (index < 0 || index >= size) {
    throw IndexError("index " + repr(key) + " of " + std::to_string(size) + " items");
  }
  return items[static_cast<std::size_t>(index)];
}

const Any& field_of(const Any::Record& record, const Any& key) {
  for (const auto& [name, value] : record.fields) {
    if (key == name) return value;
  }
  throw KeyError(record.type + " has no field " + repr(key));
}

[[noreturn]] void throw_lacking(std::string_view what, ValueKind kind) {
  throw TypeError("a value of type " + std::string(name_of(kind)) + " has no " + std::string(what));
}

}  // namespace

const Any& Any::at(const Any& key) const {
  if (const auto* list = get_if<List>()) return item_at(*list, key);
  if (const auto* tuple = get_if<Tuple>()) return item_at(tuple->items, key);
  if (const auto* dict = get_if<Dict>()) return dict->at(key);
  if (const auto* record = get_if<Record>()) return field_of(*record, key);
  throw_lacking("items", kind());
}

std::size_t Any::size() const {
  if (const auto* list = get_if<List>()) return list->size();
  if (const auto* tuple = get_if<Tuple>()) return tuple->items.size();
  if (const auto* dict = get_if<Dict>()) return dict->size();
  if (const auto* set = get_if<Set>()) return set->size();
  if (const auto* bytes = get_if<Bytes>()) return bytes->size();
  if (const auto* text = get_if<std::string>()) return internal::count_characters(*text);
  if (const auto* array = get_if<Array>()) {
    std::size_t count = 0;
    internal::for_each_packed({array->typecode, array->data.view()}, [&](auto) { ++count; });
    return count;
  }
  throw_lacking("length", kind());
}

std::ostream& operator<<(std::ostream& out, const Any& any) { return out << repr(any); }

std::ostream& operator<<(std::ostream& out, const Bytes& bytes) { return out << repr(bytes); }

}  // namespace mp
