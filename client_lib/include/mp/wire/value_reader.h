#pragma once

#include <cstdint>
#include <string_view>

#include "mp/codec/concepts.h"
#include "mp/wire/fields.h"
#include "mp/wire/ref_resolver.h"

namespace mp::wire {

// Reads one mp.v1.Value from its protobuf bytes: a ValueSource. What it points into must outlive
// it.
//
// Errors: RemoteError for bytes that are no value (malformed, without a kind, nested too deeply).
class ValueReader {
 public:
  class Items;
  class Entries;
  class Record;

  ValueReader() = default;
  ValueReader(std::string_view bytes, const RefResolver* resolver, int depth);

  ValueKind kind() const { return kind_; }

  void none() const { expect(ValueKind::kNone); }
  bool boolean() const { return expect(ValueKind::kBool).number_ != 0; }
  std::int64_t integer() const;
  std::uint64_t unsigned_integer() const { return expect(ValueKind::kUint).number_; }
  double floating() const;
  std::string_view text() const { return expect(ValueKind::kStr).data_; }
  std::string_view bytes() const { return expect(ValueKind::kBytes).data_; }
  ObjectRef reference() const;
  ArrayView array() const;
  Items items() const;
  Entries entries() const;
  Record record() const;

 private:
  const ValueReader& expect(ValueKind kind) const {
    if (kind_ != kind) internal::throw_mismatch(name_of(kind), kind_);
    return *this;
  }
  Fields contents() const;  // one level deeper

  ValueKind kind_ = ValueKind::kNone;
  int depth_ = 0;
  std::uint64_t number_ = 0;
  std::string_view data_;
  const RefResolver* resolver_ = nullptr;
};

// The items of a list, tuple or set.
class ValueReader::Items {
 public:
  explicit Items(Fields fields) : fields_(fields) {}
  bool next();
  ValueReader& value() { return value_; }

 private:
  Fields fields_;
  ValueReader value_;
};

// The entries of a dict, or of a reply.
class ValueReader::Entries {
 public:
  explicit Entries(Fields fields, std::uint32_t field = 1) : fields_(fields), field_(field) {}
  bool next();
  ValueReader& key() { return key_; }
  ValueReader& value() { return value_; }

 private:
  Fields fields_;
  std::uint32_t field_;
  ValueReader key_;
  ValueReader value_;
};

class ValueReader::Record {
 public:
  explicit Record(Fields fields);
  std::string_view type() const { return type_; }
  bool next();
  std::string_view name() const { return name_; }
  ValueReader& value() { return value_; }
  std::string_view data() const { return data_; }

 private:
  Fields fields_;
  std::string_view type_;
  std::string_view data_;
  std::string_view name_;
  ValueReader value_;
};

static_assert(ValueSource<ValueReader>);

template <class T>
T Fields::value() const {
  ValueReader reader(bytes(), resolver_, depth_);
  return Codec<T>::read(reader);
}

}  // namespace mp::wire
