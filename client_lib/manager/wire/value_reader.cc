#include "mp/wire/value_reader.h"

#include <bit>
#include <string>

#include "client_lib/manager/wire/piece.h"
#include "mp/errors.h"

namespace mp::wire {

namespace {

[[noreturn]] void malformed(const std::string& what) {
  throw RemoteError("cannot read the value: " + what);
}

bool is_kind(std::uint32_t field) {
  return field >= static_cast<std::uint32_t>(ValueKind::kNone) &&
         field <= static_cast<std::uint32_t>(ValueKind::kRecord);
}

}  // namespace

ValueReader::ValueReader(std::string_view bytes, const RefResolver* resolver, int depth)
    : depth_(depth), resolver_(resolver) {
  bool found = false;
  for (Fields fields(bytes); fields.next();) {
    if (!is_kind(fields.field())) continue;  // of a later version
    found = true;
    kind_ = static_cast<ValueKind>(fields.field());  // the last one counts, as protobuf has it
    switch (kind_) {
      case ValueKind::kNone:
      case ValueKind::kBool:
      case ValueKind::kInt:
      case ValueKind::kUint:
        number_ = fields.uint();
        break;
      case ValueKind::kFloat:
        number_ = fields.fixed64();
        break;
      default:
        data_ = fields.bytes();
    }
  }
  if (!found) malformed("it is of no kind that this library knows");
}

std::int64_t ValueReader::integer() const {
  return protozero::decode_zigzag64(expect(ValueKind::kInt).number_);
}

double ValueReader::floating() const {
  return std::bit_cast<double>(expect(ValueKind::kFloat).number_);
}

ObjectRef ValueReader::reference() const {
  std::uint64_t id = 0;
  std::string_view kind;
  for (Fields fields(expect(ValueKind::kRef).data_); fields.next();) {
    if (fields.field() == 1) id = fields.fixed64();
    if (fields.field() == 2) kind = fields.bytes();
  }
  return {id, kind, resolver_ == nullptr ? nullptr : resolver_->resolve(id, kind)};
}

ArrayView ValueReader::array() const {
  constexpr std::string_view kTypecodes = "?bBhHiIlLqQfd";
  std::string_view typecode;
  ArrayView array;
  for (Fields fields(expect(ValueKind::kArray).data_); fields.next();) {
    if (fields.field() == 1) typecode = fields.bytes();
    if (fields.field() == 2) array.data = fields.bytes();
  }
  if (typecode.size() != 1 || kTypecodes.find(typecode) == std::string_view::npos) {
    malformed("an array has an unknown typecode");
  }
  array.typecode = typecode.front();
  return array;
}

Fields ValueReader::contents() const {
  if (depth_ <= 0) {
    malformed("it is nested more than " + std::to_string(kMaxValueDepth) + " levels deep");
  }
  return Fields(data_, resolver_, depth_ - 1);
}

ValueReader::Items ValueReader::items() const {
  if (kind_ != ValueKind::kList && kind_ != ValueKind::kTuple && kind_ != ValueKind::kSet) {
    internal::throw_mismatch("list", kind_);
  }
  return Items(contents());
}

ValueReader::Entries ValueReader::entries() const {
  expect(ValueKind::kDict);
  return Entries(contents());
}

ValueReader::Record ValueReader::record() const {
  expect(ValueKind::kRecord);
  return Record(contents());
}

bool ValueReader::Items::next() {
  while (fields_.next()) {
    if (fields_.field() != 1) continue;
    value_ = ValueReader(fields_.bytes(), fields_.resolver(), fields_.depth());
    return true;
  }
  return false;
}

bool ValueReader::Entries::next() {
  while (fields_.next()) {
    if (fields_.field() != field_) continue;
    std::string_view key;
    std::string_view value;
    for (Fields entry = fields_.message(); entry.next();) {
      if (entry.field() == 1) key = entry.bytes();
      if (entry.field() == 2) value = entry.bytes();
    }
    key_ = ValueReader(key, fields_.resolver(), fields_.depth());
    value_ = ValueReader(value, fields_.resolver(), fields_.depth());
    return true;
  }
  return false;
}

ValueReader::Record::Record(Fields fields) : fields_(fields) {
  while (fields.next()) {
    if (fields.field() == 1) type_ = fields.bytes();
    if (fields.field() == 3) data_ = fields.bytes();
  }
}

bool ValueReader::Record::next() {
  while (fields_.next()) {
    if (fields_.field() != 2) continue;
    std::string_view value;
    name_ = {};
    for (Fields field = fields_.message(); field.next();) {
      if (field.field() == 1) name_ = field.bytes();
      if (field.field() == 2) value = field.bytes();
    }
    value_ = ValueReader(value, fields_.resolver(), fields_.depth());
    return true;
  }
  return false;
}

}  // namespace mp::wire
