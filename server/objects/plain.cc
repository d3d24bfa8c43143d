#include "server/objects/plain.h"

#include <algorithm>

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
constexpr int kFirstValueField = 3;
constexpr int kReplyField = 1;

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// One mp.v1.Value; an absent one if it is not plain.
Value read_value(std::string_view bytes, const ObjectLimits& limits) {
  WireReader in(bytes);
  std::uint64_t kind = 0;
  std::uint64_t number = 0;
  std::string_view text;
  const auto has_number = [&] { return in.varint(number) && in.done(); };
  const auto has_text = [&] {
    return in.delimited(text) && in.done() &&
           text.size() <= std::min(kLongestText, limits.max_bytes);
  };
  if (!in.varint(kind)) return {};
  switch (kind) {
    case tag(v1::Value::kNoneFieldNumber, kVarint):
      return has_number() && number == 0 ? Value::none() : Value();
    case tag(v1::Value::kBoolFieldNumber, kVarint):
      return has_number() && number <= 1 ? Value::boolean(number != 0) : Value();
    case tag(v1::Value::kIntFieldNumber, kVarint):
      return has_number() ? Value::integer(Wire::ZigZagDecode64(number)) : Value();
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

}  // namespace

bool PlainRequest::read(std::string_view bytes, const ObjectLimits& limits) {
  WireReader in(bytes);
  if (!in.tag(tag(kIdField, kFixed64)) || !in.fixed64(id) || id == 0) return false;
  for (count = 0; !in.done(); ++count) {
    std::string_view value;
    if (count == values.size() ||
        !in.tag(tag(kFirstValueField + static_cast<int>(count), kDelimited)) ||
        !in.delimited(value)) {
      return false;
    }
    values[count] = read_value(value, limits);
    if (!values[count].present()) return false;
  }
  return true;
}

bool is_plain(const Value& value) {
  return value.type() >= Type::kNone && value.type() <= Type::kBytes;
}

std::string plain_outcome(const OutcomeHead& outcome, std::uint32_t number, const Value* value) {
  std::array<std::uint8_t, 72> envelope;  // six tags, three numbers and two lengths
  std::uint8_t* end = envelope.data();
  const auto so_far = [&] {
    return std::string_view(reinterpret_cast<const char*>(envelope.data()),
                            static_cast<std::size_t>(end - envelope.data()));
  };
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
  if (value == nullptr) {
    *end++ = 0;
    return std::string(so_far());
  }
  const Head head(*value);
  end = CodedOutputStream::WriteVarint64ToArray(
      1 + CodedOutputStream::VarintSize64(head.size()) + head.size(), end);
  *end++ = tag(kReplyField, kDelimited);
  end = CodedOutputStream::WriteVarint64ToArray(head.size(), end);
  std::string bytes;
  bytes.reserve(so_far().size() + head.size());
  bytes.append(so_far()).append(head.view()).append(head.text());
  return bytes;
}

}  // namespace mp::server
