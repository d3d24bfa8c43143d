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

}  // namespace internal

template <internal::ConvertsByCodec T>
Any::Any(const T& value) : Any(internal::AnySink::make(value)) {}

}  // namespace mp
