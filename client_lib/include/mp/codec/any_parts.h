#pragma once

#include <string>
#include <utility>

#include "mp/any.h"
#include "mp/codec/concepts.h"

// The codecs of what an mp::Any may hold that are complete without the others. Before everything
// that asks for one: Clang takes the first question for an answer.

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
