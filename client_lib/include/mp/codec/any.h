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

}  // namespace mp

// Both ask for the codecs above, and Clang takes the first question for an answer.
#include "mp/codec/any_sink.h"
#include "mp/codec/any_source.h"

namespace mp {

namespace internal {

// Codec<T>, looked up when the source is known: by then all the codecs below are complete.
template <class T, class Source>
T read_as(Source& in) {
  return Codec<T>::read(in);
}

}  // namespace internal

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
    return {internal::read_as<Any::List>(in)};
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
      return internal::read_as<Any::List>(in);
    case ValueKind::kTuple:
      return internal::read_as<Any::Tuple>(in);
    case ValueKind::kDict:
      return internal::read_as<Any::Dict>(in);
    case ValueKind::kSet:
      return internal::read_as<Any::Set>(in);
    case ValueKind::kRef:
      return in.reference();
    case ValueKind::kArray:
      return internal::read_as<Any::Array>(in);
    case ValueKind::kRecord:
      return internal::read_as<Any::Record>(in);
  }
  internal::throw_mismatch("a value", in.kind());
}

}  // namespace mp
