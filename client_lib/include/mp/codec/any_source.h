#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "mp/any.h"
#include "mp/codec/concepts.h"

namespace mp {

namespace internal {

// Reads an mp::Any, which must outlive it: a ValueSource.
class AnySource {
 public:
  class Items;
  class Entries;
  class Record;

  AnySource() = default;
  explicit AnySource(const Any& any) : any_(&any) {}

  ValueKind kind() const { return any_->kind(); }
  void none() const {
    if (!any_->is_none()) throw_mismatch("None", kind());
  }
  bool boolean() const { return get<bool>("bool"); }
  std::int64_t integer() const { return get<std::int64_t>("int"); }
  std::uint64_t unsigned_integer() const { return get<std::uint64_t>("int"); }
  double floating() const { return get<double>("float"); }
  std::string_view text() const { return get<std::string>("str"); }
  std::string_view bytes() const { return get<Bytes>("bytes").view(); }
  ObjectRef reference() const { return get<ObjectRef>("reference"); }
  ArrayView array() const {
    const auto& array = get<Any::Array>("array");
    return {array.typecode, array.data.view()};
  }
  Items items() const;
  Entries entries() const;
  Record record() const;

 private:
  template <class T>
  const T& get(std::string_view expected) const {
    const T* item = any_->get_if<T>();
    if (item == nullptr) throw_mismatch(expected, kind());
    return *item;
  }

  const Any* any_ = nullptr;
};

class AnySource::Items {
 public:
  explicit Items(const Any::List& items) : items_(&items) {}
  bool next() {
    if (next_ == items_->size()) return false;
    value_ = AnySource((*items_)[next_++]);
    return true;
  }
  AnySource& value() { return value_; }

 private:
  const Any::List* items_;
  std::size_t next_ = 0;
  AnySource value_;
};

class AnySource::Entries {
 public:
  explicit Entries(const Any::Dict& dict) : next_(dict.begin()), end_(dict.end()) {}
  bool next() {
    if (next_ == end_) return false;
    key_ = AnySource(next_->first);
    value_ = AnySource(next_->second);
    ++next_;
    return true;
  }
  AnySource& key() { return key_; }
  AnySource& value() { return value_; }

 private:
  Any::Dict::const_iterator next_;
  Any::Dict::const_iterator end_;
  AnySource key_;
  AnySource value_;
};

class AnySource::Record {
 public:
  explicit Record(const Any::Record& record) : record_(&record) {}
  std::string_view type() const { return record_->type; }
  bool next() {
    if (next_ == record_->fields.size()) return false;
    value_ = AnySource(record_->fields[next_++].second);
    return true;
  }
  std::string_view name() const { return record_->fields[next_ - 1].first; }
  AnySource& value() { return value_; }
  std::string_view data() const { return record_->data.view(); }

 private:
  const Any::Record* record_;
  std::size_t next_ = 0;
  AnySource value_;
};

inline AnySource::Items AnySource::items() const {
  if (const auto* tuple = any_->get_if<Any::Tuple>()) return Items(tuple->items);
  if (const auto* set = any_->get_if<Any::Set>()) return Items(set->items());
  return Items(get<Any::List>("list"));
}
inline AnySource::Entries AnySource::entries() const { return Entries(get<Any::Dict>("dict")); }
inline AnySource::Record AnySource::record() const { return Record(get<Any::Record>("record")); }

static_assert(ValueSource<AnySource>);

}  // namespace internal

template <class T>
bool Any::is() const {
  if constexpr (internal::WholeNumber<T>) {
    if (const auto* number = get_if<std::int64_t>()) return std::in_range<T>(*number);
    if (const auto* number = get_if<std::uint64_t>()) return std::in_range<T>(*number);
    return false;
  } else if constexpr (internal::FloatingNumber<T>) {
    return get_if<double>() != nullptr;
  } else if constexpr (kHolds<T>) {
    return get_if<T>() != nullptr;
  } else {
    try {
      static_cast<void>(as<T>());
      return true;
    } catch (const TypeError&) {
      return false;
    } catch (const ValueError&) {
      return false;
    }
  }
}

template <class T>
T Any::as() const {
  if constexpr (kHolds<T>) {
    if (const T* item = get_if<T>()) return *item;
  }
  internal::AnySource source(*this);
  return Codec<T>::read(source);
}

}  // namespace mp
