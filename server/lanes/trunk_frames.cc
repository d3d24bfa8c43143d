#include "server/lanes/trunk_frames.h"

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "mp/v1/trunk.pb.h"

namespace mp::server {

using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;
using Wire = google::protobuf::internal::WireFormatLite;

namespace {

constexpr std::uint32_t kParts =
    Wire::MakeTag(v1::TrunkFrame::kPartsFieldNumber, Wire::WIRETYPE_LENGTH_DELIMITED);
constexpr std::uint32_t kConnection =
    Wire::MakeTag(v1::ConnectionPart::kConnectionFieldNumber, Wire::WIRETYPE_VARINT);
constexpr std::uint32_t kFrame =
    Wire::MakeTag(v1::ConnectionPart::kFrameFieldNumber, Wire::WIRETYPE_LENGTH_DELIMITED);
constexpr std::uint32_t kMore =
    Wire::MakeTag(v1::ConnectionPart::kMoreFieldNumber, Wire::WIRETYPE_VARINT);
constexpr std::uint32_t kTaken =
    Wire::MakeTag(v1::ConnectionPart::kTakenFieldNumber, Wire::WIRETYPE_VARINT);
constexpr std::uint32_t kEnd =
    Wire::MakeTag(v1::ConnectionPart::kEndFieldNumber, Wire::WIRETYPE_VARINT);
// Every tag is one byte; a number has ten at most, a length five.
constexpr std::size_t kLongestHead = (1 + 5) + (1 + 10) + (1 + 10) + 2 + 2 + (1 + 5);

std::uint8_t* write_number(std::uint32_t tag, std::uint64_t number, std::uint8_t* at) {
  if (number == 0) return at;
  at = CodedOutputStream::WriteTagToArray(tag, at);
  return CodedOutputStream::WriteVarint64ToArray(number, at);
}

// The next field of bytes, as a view.
bool read_bytes(CodedInputStream& in, std::string_view all, std::string_view& bytes) {
  std::uint32_t size = 0;
  if (!in.ReadVarint32(&size)) return false;
  const auto at = static_cast<std::size_t>(in.CurrentPosition());
  if (size > all.size() - at || !in.Skip(static_cast<int>(size))) return false;
  bytes = all.substr(at, size);
  return true;
}

bool read_flag(CodedInputStream& in, bool& flag) {
  std::uint64_t number = 0;
  if (!in.ReadVarint64(&number)) return false;
  flag = number != 0;
  return true;
}

CodedInputStream stream_of(std::string_view bytes) {
  return CodedInputStream(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                          static_cast<int>(bytes.size()));
}

bool parse_part(std::string_view bytes, ConnectionPart& part) {
  CodedInputStream in = stream_of(bytes);
  while (const std::uint32_t tag = in.ReadTag()) {
    bool ok = false;
    switch (tag) {
      case kConnection:
        ok = in.ReadVarint64(&part.connection);
        break;
      case kFrame:
        ok = read_bytes(in, bytes, part.frame.emplace());
        break;
      case kMore:
        ok = read_flag(in, part.more);
        break;
      case kTaken:
        ok = in.ReadVarint64(&part.taken);
        break;
      case kEnd:
        ok = read_flag(in, part.end);
        break;
      default:
        ok = Wire::SkipField(&in, tag);
    }
    if (!ok) return false;
  }
  return in.ConsumedEntireMessage() && part.connection != 0;
}

}  // namespace

void append_part(std::string& message, const ConnectionPart& part) {
  std::uint8_t head[kLongestHead];
  std::uint8_t* at = write_number(kConnection, part.connection, head);
  at = write_number(kMore, part.more ? 1 : 0, at);
  at = write_number(kTaken, part.taken, at);
  at = write_number(kEnd, part.end ? 1 : 0, at);
  if (part.frame) {
    at = CodedOutputStream::WriteTagToArray(kFrame, at);
    at =
        CodedOutputStream::WriteVarint32ToArray(static_cast<std::uint32_t>(part.frame->size()), at);
  }
  const auto head_size = static_cast<std::size_t>(at - head);
  const std::size_t size = head_size + (part.frame ? part.frame->size() : 0);
  std::uint8_t length[1 + 5];
  at = CodedOutputStream::WriteTagToArray(kParts, length);
  at = CodedOutputStream::WriteVarint32ToArray(static_cast<std::uint32_t>(size), at);
  message.append(reinterpret_cast<const char*>(length), static_cast<std::size_t>(at - length));
  message.append(reinterpret_cast<const char*>(head), head_size);
  if (part.frame) message.append(*part.frame);
}

bool parse_trunk_frame(std::string_view message, std::vector<ConnectionPart>& parts) {
  parts.clear();
  CodedInputStream in = stream_of(message);
  while (const std::uint32_t tag = in.ReadTag()) {
    std::string_view bytes;
    if (tag != kParts) {
      if (!Wire::SkipField(&in, tag)) return false;
    } else if (!read_bytes(in, message, bytes) || !parse_part(bytes, parts.emplace_back())) {
      return false;
    }
  }
  return in.ConsumedEntireMessage();
}

std::optional<std::string_view> FramePieces::add(std::string_view piece, bool more) {
  if (buffer_.empty() && !more) return piece;
  buffer_ += piece;
  if (more) return std::nullopt;
  return buffer_;
}

}  // namespace mp::server
