#include "server/objects/plain.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "mp/v1/command.pb.h"
#include "server/objects/wire_reader.h"

namespace mp::server {
namespace {

using google::protobuf::io::CodedOutputStream;
using Wire = google::protobuf::internal::WireFormatLite;
using Type = Value::Type;

constexpr std::uint64_t kLongestText = 1024;  // for more, the generated parser is fast enough

constexpr unsigned char tag(int field, Wire::WireType type) {
  return static_cast<unsigned char>(Wire::MakeTag(field, type));
}
constexpr auto kVarint = Wire::WIRETYPE_VARINT;
constexpr auto kFixed64 = Wire::WIRETYPE_FIXED64;
constexpr auto kDelimited = Wire::WIRETYPE_LENGTH_DELIMITED;
constexpr int kIdField = 2;  // of every request
constexpr int kFirstField = 3;
constexpr int kFirstOfReply = 1;

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_short(std::string_view text, const ObjectLimits& limits) {
  return text.size() <= std::min(kLongestText, limits.max_bytes);
}

// One mp.v1.Value; an absent one if it is not plain.
Value read_value(std::string_view bytes, const ObjectLimits& limits) {
  WireReader in(bytes);
  std::uint64_t kind = 0;
  std::uint64_t number = 0;
  std::string_view text;
  const auto has_number = [&] { return in.varint(number) && in.done(); };
  const auto has_text = [&] { return in.delimited(text) && in.done() && is_short(text, limits); };
  if (!in.varint(kind)) return {};
  switch (kind) {
    case tag(v1::Value::kNoneFieldNumber, kVarint):
      return has_number() && number == 0 ? Value::none() : Value();
    case tag(v1::Value::kBoolFieldNumber, kVarint):
      return has_number() && number <= 1 ? Value::boolean(number != 0) : Value();
    case tag(v1::Value::kIntFieldNumber, kVarint):
      return has_number() ? Value::integer(Wire::ZigZagDecode64(number)) : Value();
    case tag(v1::Value::kFloatFieldNumber, kFixed64):
      return in.fixed64(number) && in.done() ? Value::real(std::bit_cast<double>(number)) : Value();
    case tag(v1::Value::kStrFieldNumber, kDelimited):
      return has_text() && is_ascii(text) ? Value::str(text) : Value();
    case tag(v1::Value::kBytesFieldNumber, kDelimited):
      return has_text() ? Value::bytes(text) : Value();
    default:
      return {};
  }
}

// The bytes of an mp.v1.Value but for its text: they fit anywhere.
class Head {
 public:
  explicit Head(const Value& value) { write(value); }

  std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes_.data()),
            static_cast<std::size_t>(end_ - bytes_.data())};
  }
  std::string_view text() const { return text_; }
  std::uint64_t size() const { return view().size() + text_.size(); }

 private:
  void write(const Value& value) {
    switch (value.type()) {
      case Type::kBool:
        return number(v1::Value::kBoolFieldNumber, value.as_bool() ? 1 : 0);
      case Type::kInt:
        return number(v1::Value::kIntFieldNumber, Wire::ZigZagEncode64(value.as_int()));
      case Type::kUint:
        return number(v1::Value::kUintFieldNumber, value.as_uint());
      case Type::kFloat:
        *end_++ = tag(v1::Value::kFloatFieldNumber, kFixed64);
        end_ = CodedOutputStream::WriteLittleEndian64ToArray(value.as_uint(), end_);
        return;
      case Type::kStr:
        text_ = value.text();
        return number(v1::Value::kStrFieldNumber, text_.size(), kDelimited);
      case Type::kBytes:
        text_ = value.text();
        return number(v1::Value::kBytesFieldNumber, text_.size(), kDelimited);
      default:
        return number(v1::Value::kNoneFieldNumber, 0);
    }
  }

  void number(int field, std::uint64_t value, Wire::WireType type = kVarint) {
    *end_++ = tag(field, type);
    end_ = CodedOutputStream::WriteVarint64ToArray(value, end_);
  }

  std::array<std::uint8_t, 16> bytes_;
  std::uint8_t* end_ = bytes_.data();
  std::string_view text_;
};

// One field; an absent value if it is not plain.
Value read_field(WireReader& in, PlainField field, int number, const ObjectLimits& limits) {
  std::string_view bytes;
  std::uint64_t varint = 0;
  switch (field) {
    case PlainField::kInt:
      if (!in.tag(tag(number, kVarint))) return Value::integer(0);
      return in.varint(varint) ? Value::integer(Wire::ZigZagDecode64(varint)) : Value();
    case PlainField::kEnum:
      if (!in.tag(tag(number, kVarint)) || !in.varint(varint) || varint == 0 ||
          varint > std::numeric_limits<std::int32_t>::max()) {
        return {};
      }
      return Value::integer(static_cast<std::int64_t>(varint));
    default:
      break;
  }
  if (!in.tag(tag(number, kDelimited)) || !in.delimited(bytes)) return {};
  if (field == PlainField::kText)
    return !bytes.empty() && is_short(bytes, limits) && is_ascii(bytes) ? Value::str(bytes)
                                                                        : Value();
  Value value = read_value(bytes, limits);
  return field == PlainField::kKey && value.type() == Type::kFloat ? Value() : value;
}

// All that comes before the reply, with room for that.
std::string envelope(const OutcomeHead& outcome, std::uint32_t number, std::uint64_t reply_size) {
  std::array<std::uint8_t, 56> bytes;  // four tags, three numbers and a length
  std::uint8_t* end = bytes.data();
  const auto write = [&](int field, std::uint64_t what) {
    if (what == 0) return;
    *end++ = tag(field, kVarint);
    end = CodedOutputStream::WriteVarint64ToArray(what, end);
  };
  write(v1::Outcome::kSeqFieldNumber, outcome.seq);
  write(v1::Outcome::kVersionFieldNumber, outcome.version);
  write(v1::Outcome::kWatchEventsFieldNumber, outcome.watch_events);
  end = CodedOutputStream::WriteVarint32ToArray(Wire::MakeTag(static_cast<int>(number), kDelimited),
                                                end);
  end = CodedOutputStream::WriteVarint64ToArray(reply_size, end);
  const auto size = static_cast<std::size_t>(end - bytes.data());
  std::string text;
  text.reserve(size + reply_size);
  return text.append(reinterpret_cast<const char*>(bytes.data()), size);
}

std::string& append_length(std::string& bytes, int field, std::uint64_t length) {
  bytes.push_back(static_cast<char>(tag(field, kDelimited)));
  std::array<std::uint8_t, 10> varint;
  const std::uint8_t* const end = CodedOutputStream::WriteVarint64ToArray(length, varint.data());
  return bytes.append(reinterpret_cast<const char*>(varint.data()),
                      static_cast<std::size_t>(end - varint.data()));
}

bool is_plain(const Value& value) {
  return value.type() >= Type::kNone && value.type() <= Type::kBytes;
}

}  // namespace

bool PlainRequest::read(std::string_view bytes, const PlainForm& form, const ObjectLimits& limits) {
  WireReader in(bytes);
  if (!in.tag(tag(kIdField, kFixed64)) || !in.fixed64(id) || id == 0) return false;
  for (std::size_t i = 0; i < form.size() && form[i] != PlainField::kNothing; ++i) {
    values[i] = read_field(in, form[i], kFirstField + static_cast<int>(i), limits);
    if (!values[i].present()) return false;
  }
  return in.done();
}

bool PlainReply::is_plain() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) {
    return part.type != Part::kValue || server::is_plain(*part.value);
  });
}

std::string plain_outcome(const OutcomeHead& outcome, std::uint32_t number,
                          const PlainReply& reply) {
  using Part = PlainReply::Part;
  std::array<std::optional<Head>, 2> heads;
  std::uint64_t size = 0;
  const auto size_of = [](std::uint64_t length) {
    return 1 + CodedOutputStream::VarintSize64(length) + length;
  };
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const Part& part = reply.parts_[i];
    if (part.type == Part::kTrue) size += 2;
    if (part.type == Part::kLetter) size += 3;
    if (part.type == Part::kValue) size += size_of(heads[i].emplace(*part.value).size());
  }
  std::string bytes = envelope(outcome, number, size);
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const Part& part = reply.parts_[i];
    const int field = kFirstOfReply + static_cast<int>(i);
    if (part.type == Part::kTrue) bytes.append({static_cast<char>(tag(field, kVarint)), 1});
    if (part.type == Part::kLetter) append_length(bytes, field, 1).push_back(part.letter);
    if (part.type == Part::kValue)
      append_length(bytes, field, heads[i]->size())
          .append(heads[i]->view())
          .append(heads[i]->text());
  }
  return bytes;
}

}  // namespace mp::server
