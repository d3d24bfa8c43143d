#include <cmath>
#include <optional>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"
#include "server/objects/number_type.h"
#include "server/objects/value.h"

// Values between the wire and an object. All that comes in passes through Reader.

namespace mp::server {
namespace {

using Type = Value::Type;

class Reader {
 public:
  explicit Reader(const ObjectLimits& limits) : limits_(limits) {}

  absl::StatusOr<Value> read(const v1::Value& wire, std::uint32_t depth) {
    if (depth > limits_.max_depth) {
      return error(v1::LIMIT_EXCEEDED,
                   absl::StrCat("the value is nested deeper than ", limits_.max_depth,
                                " levels (limit --max-value-depth)"));
    }
    switch (wire.kind_case()) {
      case v1::Value::kNone:
        return Value::none();
      case v1::Value::kBool:
        return Value::boolean(wire.bool_());
      case v1::Value::kInt:
        return Value::integer(wire.int_());
      case v1::Value::kUint:
        return Value::uint(wire.uint());
      case v1::Value::kFloat:
        return Value::real(wire.float_());
      case v1::Value::kStr:
        return counted(wire.str().size(), Value::str(wire.str()));
      case v1::Value::kBytes:
        return counted(wire.bytes().size(), Value::bytes(wire.bytes()));
      case v1::Value::kList:
        return sequence(Type::kList, wire.list().items(), depth);
      case v1::Value::kTuple:
        return sequence(Type::kTuple, wire.tuple().items(), depth);
      case v1::Value::kDict:
        return dict(wire.dict(), depth);
      case v1::Value::kSet:
        return set(wire.set(), depth);
      case v1::Value::kRef:
        return ref(wire.ref());
      case v1::Value::kArray:
        return array(wire.array());
      case v1::Value::kRecord:
        return record(wire.record(), depth);
      case v1::Value::KIND_NOT_SET:
        break;
    }
    return error(v1::BAD_COMMAND, "a value without a type; none is written {\"none\": \"NONE\"}");
  }

  absl::StatusOr<Value> read_key(const v1::Value& wire, std::uint32_t depth) {
    absl::StatusOr<Value> key = read(wire, depth);
    if (!key.ok()) return key;
    if (absl::Status status = key->check_key(); !status.ok()) return status;
    if (key->type() == Type::kFloat && key->as_float() == 0.0) return Value::real(0.0);
    return key;
  }

 private:
  absl::StatusOr<Value> counted(std::size_t bytes, absl::StatusOr<Value> value) {
    bytes_ += bytes;
    if (bytes_ <= limits_.max_bytes) return value;
    return too_large(limits_);
  }

  absl::StatusOr<Value> composite(Type type, Value::Items items) {
    const std::size_t bytes =
        items.type.size() + items.data.size() + items.items.size() * sizeof(Value);
    return counted(bytes, Value::composite(type, std::move(items)));
  }

  template <class Wire>
  absl::StatusOr<Value> sequence(Type type, const Wire& wire, std::uint32_t depth) {
    Value::Items items;
    items.items.reserve(static_cast<std::size_t>(wire.size()));
    for (const v1::Value& item : wire) {
      absl::StatusOr<Value> value = read(item, depth + 1);
      if (!value.ok()) return value;
      items.items.push_back(*std::move(value));
    }
    return composite(type, std::move(items));
  }

  // The place of `key` among the keys at every `stride`-th item, or none yet.
  static std::optional<std::size_t> place(
      const std::unordered_multimap<std::uint64_t, std::size_t>& index,
      const std::vector<Value>& items, const Value& key) {
    for (auto [at, end] = index.equal_range(key.hash()); at != end; ++at) {
      if (same_key(items[at->second], key)) return at->second;
    }
    return std::nullopt;
  }

  absl::StatusOr<Value> dict(const v1::DictValue& wire, std::uint32_t depth) {
    Value::Items items;
    std::unordered_multimap<std::uint64_t, std::size_t> index;
    for (const v1::Entry& entry : wire.entries()) {
      absl::StatusOr<Value> key = read_key(entry.key(), depth + 1);
      if (!key.ok()) return key;
      absl::StatusOr<Value> value = read(entry.value(), depth + 1);
      if (!value.ok()) return value;
      if (const auto at = place(index, items.items, *key)) {
        items.items[*at + 1] = *std::move(value);  // the last one wins, in the first one's place
        continue;
      }
      index.emplace(key->hash(), items.items.size());
      items.items.push_back(*std::move(key));
      items.items.push_back(*std::move(value));
    }
    return composite(Type::kDict, std::move(items));
  }

  absl::StatusOr<Value> set(const v1::SetValue& wire, std::uint32_t depth) {
    Value::Items items;
    std::unordered_multimap<std::uint64_t, std::size_t> index;
    for (const v1::Value& item : wire.items()) {
      absl::StatusOr<Value> key = read_key(item, depth + 1);
      if (!key.ok()) return key;
      if (place(index, items.items, *key)) continue;
      index.emplace(key->hash(), items.items.size());
      items.items.push_back(*std::move(key));
    }
    return composite(Type::kSet, std::move(items));
  }

  static absl::StatusOr<Value> ref(const v1::Ref& wire) {
    const auto kind = kind_named(wire.kind());
    if (!kind) {
      return error(v1::BAD_COMMAND,
                   absl::StrCat("a reference to an unknown kind '", wire.kind(), "'"));
    }
    return Value::ref(wire.id(), *kind);
  }

  absl::StatusOr<Value> array(const v1::ArrayValue& wire) {
    const auto type = NumberType::find(wire.typecode());
    if (!type || !type->divides(wire.data())) {
      return error(v1::BAD_COMMAND, absl::StrCat("not a packed array: typecode '", wire.typecode(),
                                                 "' with ", wire.data().size(), " bytes"));
    }
    if (!type->all_valid(wire.data())) {
      return error(v1::VALUE_ERROR, "a packed bool that is neither 0 nor 1");
    }
    return counted(wire.data().size(), Value::array(wire.typecode()[0], wire.data()));
  }

  absl::StatusOr<Value> record(const v1::RecordValue& wire, std::uint32_t depth) {
    Value::Items items{.type = wire.type(), .data = wire.data(), .items = {}};
    for (const v1::Field& field : wire.fields()) {
      absl::StatusOr<Value> name = counted(field.name().size(), Value::str(field.name()));
      if (!name.ok()) return name;
      absl::StatusOr<Value> value = read(field.value(), depth + 1);
      if (!value.ok()) return value;
      items.items.push_back(*std::move(name));
      items.items.push_back(*std::move(value));
    }
    return composite(Type::kRecord, std::move(items));
  }

  const ObjectLimits& limits_;
  std::uint64_t bytes_ = 0;
};

void write_items(const std::vector<Value>& items,
                 google::protobuf::RepeatedPtrField<v1::Value>* wire) {
  wire->Reserve(static_cast<int>(items.size()));
  for (const Value& item : items) item.to_wire(wire->Add());
}

void write_composite(const Value& value, v1::Value* wire) {
  const Value::Items& content = value.items();
  switch (value.type()) {
    case Type::kList:
      return write_items(content.items, wire->mutable_list()->mutable_items());
    case Type::kTuple:
      return write_items(content.items, wire->mutable_tuple()->mutable_items());
    case Type::kSet:
      return write_items(content.items, wire->mutable_set()->mutable_items());
    case Type::kDict: {
      v1::DictValue* dict = wire->mutable_dict();
      for (std::size_t i = 0; i < content.items.size(); i += 2) {
        v1::Entry* entry = dict->add_entries();
        content.items[i].to_wire(entry->mutable_key());
        content.items[i + 1].to_wire(entry->mutable_value());
      }
      return;
    }
    default: {
      v1::RecordValue* record = wire->mutable_record();
      record->set_type(content.type);
      record->set_data(content.data);
      for (std::size_t i = 0; i < content.items.size(); i += 2) {
        v1::Field* field = record->add_fields();
        field->set_name(std::string(content.items[i].text()));
        content.items[i + 1].to_wire(field->mutable_value());
      }
    }
  }
}

}  // namespace

absl::Status too_large(const ObjectLimits& limits) {
  return error(v1::LIMIT_EXCEEDED, absl::StrCat("the value is larger than ", limits.max_bytes,
                                                " bytes (limit --max-value-bytes)"));
}

absl::StatusOr<Value> Value::from_wire(const v1::Value& wire, const ObjectLimits& limits) {
  return Reader(limits).read(wire, 1);
}

absl::StatusOr<Value> Value::key_from_wire(const v1::Value& wire, const ObjectLimits& limits) {
  return Reader(limits).read_key(wire, 1);
}

void Value::to_wire(v1::Value* wire) const {
  switch (type()) {
    case Type::kAbsent:
      wire->clear_kind();
      return;
    case Type::kNone:
      return wire->set_none(v1::NONE);
    case Type::kBool:
      return wire->set_bool_(as_bool());
    case Type::kInt:
      return wire->set_int_(as_int());
    case Type::kUint:
      return wire->set_uint(as_uint());
    case Type::kFloat:
      return wire->set_float_(as_float());
    case Type::kStr:
      return wire->set_str(text().data(), text().size());
    case Type::kBytes:
      return wire->set_bytes(text().data(), text().size());
    case Type::kRef:
      wire->mutable_ref()->set_id(ref_id());
      wire->mutable_ref()->set_kind(std::string(name_of(ref_kind())));
      return;
    case Type::kArray:
      wire->mutable_array()->set_typecode(std::string(1, typecode()));
      wire->mutable_array()->set_data(text().data(), text().size());
      return;
    default:
      return write_composite(*this, wire);
  }
}

}  // namespace mp::server
