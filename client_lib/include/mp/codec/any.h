#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "mp/any.h"
#include "mp/codec/choice.h"
#include "mp/codec/concepts.h"
#include "mp/codec/containers.h"
#include "mp/codec/scalars.h"
#include "mp/codec/text.h"
#include "mp/codec/tuple.h"

namespace mp {

// Declared first, since whether a list of mp::Any has a codec depends on it.
template <>
struct Codec<Any> {
  template <class Sink>
  static void write(Sink& out, const Any& any);
  template <class Source>
  static Any read(Source& in);
};

namespace internal {

// Builds an mp::Any: a ValueSink.
class AnySink {
 public:
  void none() { place(Any()); }
  void boolean(bool flag) { place(flag); }
  void integer(std::int64_t number) { place(number); }
  void unsigned_integer(std::uint64_t number) { place(number); }
  void floating(double number) { place(number); }
  void text(std::string_view text) { place(text); }
  void bytes(std::string_view data) { place(Bytes(data)); }
  void reference(const ObjectRef& ref) { place(ref); }
  void array(ArrayView array) { place(Any::Array{array.typecode, Bytes(array.data)}); }

  template <class Fill>
  void list(std::size_t count, Fill&& fill) {
    place(gather(count, fill));
  }
  template <class Fill>
  void tuple(std::size_t count, Fill&& fill) {
    place(Any::Tuple{gather(count, fill)});
  }
  template <class Fill>
  void set(std::size_t count, Fill&& fill) {
    Any::Set set;
    for (Any& item : gather(count, fill)) set.add(std::move(item));
    place(std::move(set));
  }
  template <class Fill>
  void dict(std::size_t, Fill&& fill) {
    Any::Dict dict;
    Any::Dict* const outer = std::exchange(dict_, &dict);
    fill();
    dict_ = outer;
    place(std::move(dict));
  }
  template <class Fill>
  void record(std::string_view type, std::size_t, Fill&& fill) {
    Any::Record record{std::string(type), {}, {}};
    Any::Record* const outer = std::exchange(record_, &record);
    fill();
    record_ = outer;
    place(std::move(record));
  }
  void foreign(std::string_view type, std::string_view data) {
    place(Any::Record{std::string(type), {}, Bytes(data)});
  }

  template <class T>
  void write(const T& item) {
    CodecOf<T>::write(*this, item);
  }
  template <class K, class V>
  void entry(const K& key, const V& value) {
    dict_->insert_or_assign(AnySink::make(key), AnySink::make(value));
  }
  template <class T>
  void field(std::string_view name, const T& value) {
    record_->fields.emplace_back(name, AnySink::make(value));
  }

  template <class T>
  static Any make(const T& item) {
    AnySink sink;
    sink.write(item);
    return std::move(sink.result_);
  }

 private:
  template <class Fill>
  Any::List gather(std::size_t count, Fill&& fill) {
    Any::List items;
    items.reserve(count);
    Any::List* const outer = std::exchange(items_, &items);
    fill();
    items_ = outer;
    return items;
  }

  void place(Any item) {
    if (items_ != nullptr) {
      items_->push_back(std::move(item));
    } else {
      result_ = std::move(item);
    }
  }

  // The containers that are being filled; null outside of one.
  Any::List* items_ = nullptr;
  Any::Dict* dict_ = nullptr;
  Any::Record* record_ = nullptr;
  Any result_;
};

static_assert(ValueSink<AnySink>);

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

template <>
struct Codec<ObjectRef> {
  static constexpr KindSet kKinds{ValueKind::kRef};
  template <class Sink>
  static void write(Sink& out, const ObjectRef& ref) {
    out.reference(ref);
  }
  template <class Source>
  static ObjectRef read(Source& in) {
    return in.reference();
  }
};

template <>
struct Codec<Any::Tuple> {
  static constexpr KindSet kKinds{ValueKind::kTuple};
  template <class Sink>
  static void write(Sink& out, const Any::Tuple& tuple) {
    out.tuple(tuple.items.size(), [&] {
      for (const Any& item : tuple.items) out.write(item);
    });
  }
  template <class Source>
  static Any::Tuple read(Source& in) {
    return {Codec<Any::List>::read(in)};
  }
};

template <>
struct Codec<Any::Set> {
  static constexpr KindSet kKinds{ValueKind::kSet};
  template <class Sink>
  static void write(Sink& out, const Any::Set& set) {
    out.set(set.size(), [&] {
      for (const Any& item : set.items()) out.write(item);
    });
  }
  template <class Source>
  static Any::Set read(Source& in) {
    Any::Set set;
    for (auto items = in.items(); items.next();) set.add(Codec<Any>::read(items.value()));
    return set;
  }
};

template <>
struct Codec<Any::Array> {
  static constexpr KindSet kKinds{ValueKind::kArray};
  template <class Sink>
  static void write(Sink& out, const Any::Array& array) {
    out.array(ArrayView{array.typecode, array.data.view()});
  }
  template <class Source>
  static Any::Array read(Source& in) {
    const ArrayView array = in.array();
    return {array.typecode, Bytes(array.data)};
  }
};

template <>
struct Codec<Any::Record> {
  static constexpr KindSet kKinds{ValueKind::kRecord};
  template <class Sink>
  static void write(Sink& out, const Any::Record& record) {
    if (!record.data.empty()) return out.foreign(record.type, record.data.view());
    out.record(record.type, record.fields.size(), [&] {
      for (const auto& [name, value] : record.fields) out.field(name, value);
    });
  }
  template <class Source>
  static Any::Record read(Source& in) {
    auto cursor = in.record();
    Any::Record record{std::string(cursor.type()), {}, Bytes(cursor.data())};
    while (cursor.next()) {
      std::string name(cursor.name());
      record.fields.emplace_back(std::move(name), Codec<Any>::read(cursor.value()));
    }
    return record;
  }
};

template <class Sink>
void Codec<Any>::write(Sink& out, const Any& any) {
  any.visit([&](const auto& item) { out.write(item); });
}

template <class Source>
Any Codec<Any>::read(Source& in) {
  switch (in.kind()) {
    case ValueKind::kNone:
      return in.none(), Any();
    case ValueKind::kBool:
      return in.boolean();
    case ValueKind::kInt:
      return in.integer();
    case ValueKind::kUint:
      return in.unsigned_integer();
    case ValueKind::kFloat:
      return in.floating();
    case ValueKind::kStr:
      return in.text();
    case ValueKind::kBytes:
      return Bytes(in.bytes());
    case ValueKind::kList:
      return Codec<Any::List>::read(in);
    case ValueKind::kTuple:
      return Codec<Any::Tuple>::read(in);
    case ValueKind::kDict:
      return Codec<Any::Dict>::read(in);
    case ValueKind::kSet:
      return Codec<Any::Set>::read(in);
    case ValueKind::kRef:
      return in.reference();
    case ValueKind::kArray:
      return Codec<Any::Array>::read(in);
    case ValueKind::kRecord:
      return Codec<Any::Record>::read(in);
  }
  internal::throw_mismatch("a value", in.kind());
}

template <internal::ConvertsByCodec T>
Any::Any(const T& value)
    : Any(internal::AnySink::make(value)) {}

template <class T>
bool Any::is() const {
  if constexpr (internal::WholeNumber<T>) {
    if (const auto* number = get_if<std::int64_t>()) return std::in_range<T>(*number);
    if (const auto* number = get_if<std::uint64_t>()) return std::in_range<T>(*number);
    return false;
  } else if constexpr (internal::FloatingNumber<T>) {
    return get_if<double>() != nullptr;
  } else if constexpr (holds<T>) {
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
  if constexpr (holds<T>) {
    if (const T* item = get_if<T>()) return *item;
  }
  internal::AnySource source(*this);
  return Codec<T>::read(source);
}

}  // namespace mp
