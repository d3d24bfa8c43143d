#include "server/lanes/frames.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "server/objects/error.h"

namespace mp::server {

using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;
using Wire = google::protobuf::internal::WireFormatLite;

namespace {
constexpr std::size_t kFrameSoftLimit = 256 << 10U;  // a frame that has reached it is sealed

const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}
}  // namespace

char* FrameSplitter::prepare(std::size_t wanted) {
  if (begin_ == end_) begin_ = end_ = 0;
  if (buffer_.size() - end_ < wanted && begin_ != 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < wanted) buffer_.resize(end_ + wanted);
  return buffer_.data() + end_;
}

std::optional<std::uint64_t> FrameSplitter::frame_size() const {
  if (end_ - begin_ < kFrameHeader) return std::nullopt;
  std::uint32_t size = 0;
  std::memcpy(&size, buffer_.data() + begin_,
              kFrameHeader);  // x86-64 and AArch64 are little-endian
  return size;
}

std::optional<std::string_view> FrameSplitter::next() {
  const auto size = frame_size();
  if (!size || too_large_) return std::nullopt;
  if (*size > max_frame_bytes_) {
    too_large_ = true;
    return std::nullopt;
  }
  if (end_ - begin_ - kFrameHeader < *size) return std::nullopt;
  const std::string_view frame(buffer_.data() + begin_ + kFrameHeader, *size);
  begin_ += kFrameHeader + *size;
  return frame;
}

std::size_t FrameSplitter::missing() const {
  const auto size = frame_size();
  if (!size || *size > max_frame_bytes_) return 0;
  return kFrameHeader + *size - std::min<std::size_t>(end_ - begin_, kFrameHeader + *size);
}

bool ClientFrameView::parse(std::string_view frame) {
  hello.reset();
  lowest_unanswered = 0;
  unanswered.clear();
  commands.clear();
  CodedInputStream in(bytes_of(frame), static_cast<int>(frame.size()));
  while (const std::uint32_t tag = in.ReadTag()) {
    std::uint32_t size = 0;
    switch (tag) {
      case Wire::MakeTag(v1::ClientFrame::kCommandsFieldNumber, Wire::WIRETYPE_LENGTH_DELIMITED): {
        if (!in.ReadVarint32(&size) ||
            size > static_cast<std::uint32_t>(in.BytesUntilTotalBytesLimit()))
          return false;
        const auto at = static_cast<std::size_t>(in.CurrentPosition());
        if (size > frame.size() - at || !in.Skip(static_cast<int>(size))) return false;
        commands.push_back(frame.substr(at, size));
        break;
      }
      case Wire::MakeTag(v1::ClientFrame::kLowestUnansweredFieldNumber, Wire::WIRETYPE_VARINT):
        if (!in.ReadVarint64(&lowest_unanswered)) return false;
        break;
      case Wire::MakeTag(v1::ClientFrame::kUnansweredFieldNumber,
                         Wire::WIRETYPE_LENGTH_DELIMITED): {
        if (!in.ReadVarint32(&size)) return false;
        const auto limit = in.PushLimit(static_cast<int>(size));
        std::uint64_t number = 0;
        while (in.BytesUntilLimit() > 0) {
          if (!in.ReadVarint64(&number)) return false;
          unanswered.push_back(number);
        }
        in.PopLimit(limit);
        break;
      }
      case Wire::MakeTag(v1::ClientFrame::kHelloFieldNumber, Wire::WIRETYPE_LENGTH_DELIMITED):
        if (!Wire::ReadMessage(&in, &hello.emplace())) return false;
        break;
      default:
        if (!Wire::SkipField(&in, tag)) return false;
    }
  }
  return in.ConsumedEntireMessage();
}

std::optional<CommandError> parse_command(std::string_view bytes, std::uint32_t max_depth,
                                          v1::Command& command) {
  // The parser of flat bytes is the fast one. It gives up on what is broken, and on what is nested
  // deeper than protobuf expects, though a value may be.
  if (command.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
  command.Clear();
  CodedInputStream in(bytes_of(bytes), static_cast<int>(bytes.size()));
  // A level of a value takes three messages at most (entry, value, dict); the depth itself is
  // checked later.
  in.SetRecursionLimit(static_cast<int>(3 * max_depth + 16));
  if (command.MergeFromCodedStream(&in) && in.ConsumedEntireMessage()) return std::nullopt;
  CommandError error_found{.seq = command.seq(), .status = {}};
  CodedInputStream again(bytes_of(bytes), static_cast<int>(bytes.size()));
  if (again.ReadTag() == Wire::MakeTag(v1::Command::kSeqFieldNumber, Wire::WIRETYPE_VARINT)) {
    again.ReadVarint64(&error_found.seq);
  }
  error_found.status = error(v1::BAD_COMMAND,
                             "the command is not a well-formed mp.v1.Command: its bytes are "
                             "broken, a str in it is not UTF-8 (mp::Bytes and "
                             "the bytes kind hold any bytes), or it is nested too deeply (limit "
                             "--max-value-depth); nothing was changed");
  return error_found;
}

char* FrameWriter::open_field(std::size_t size) {
  if (open_ == std::string::npos) {
    open_ = buffer_.size();
    buffer_.resize(open_ + header_);
  }
  std::uint8_t head[16];
  std::uint8_t* end = CodedOutputStream::WriteTagToArray(
      Wire::MakeTag(v1::ServerFrame::kOutcomesFieldNumber, Wire::WIRETYPE_LENGTH_DELIMITED), head);
  end = CodedOutputStream::WriteVarint32ToArray(static_cast<std::uint32_t>(size), end);
  const auto head_size = static_cast<std::size_t>(end - head);
  const std::size_t at = buffer_.size();
  buffer_.resize(at + head_size + size);
  std::memcpy(buffer_.data() + at, head, head_size);
  return buffer_.data() + at + head_size;
}

void FrameWriter::append(const v1::Outcome& outcome) {
  char* field = open_field(outcome.ByteSizeLong());
  outcome.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(field));
  if (buffer_.size() - open_ > kFrameSoftLimit) seal();
}

void FrameWriter::append_bytes(std::string_view outcome) {
  std::memcpy(open_field(outcome.size()), outcome.data(), outcome.size());
  if (buffer_.size() - open_ > kFrameSoftLimit) seal();
}

void FrameWriter::append_frame(std::string_view frame) {
  seal();
  open_ = buffer_.size();
  buffer_.resize(open_ + header_);
  buffer_ += frame;
  seal();
}

void FrameWriter::seal() {
  if (open_ == std::string::npos) return;
  const auto size = static_cast<std::uint32_t>(buffer_.size() - open_ - header_);
  std::memcpy(buffer_.data() + open_, &size, header_);
  open_ = std::string::npos;
}

std::string FrameWriter::take() {
  seal();
  return std::exchange(buffer_, {});
}

}  // namespace mp::server
