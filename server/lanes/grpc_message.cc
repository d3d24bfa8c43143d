#include "server/lanes/grpc_message.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "server/lanes/library_logs.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {

// A value nests through two messages; what is around it takes a few more.
int recursion_limit(std::uint32_t max_depth) {
  return static_cast<int>(std::min<std::uint32_t>(max_depth, 10'000)) * 3 + 32;
}

// Trailers are limited to 8 KiB by most clients, and hold this three times over, encoded.
constexpr std::size_t kMaxSentence = 800;
constexpr std::size_t kMaxDetail = 3000;

std::string shortened(std::string_view sentence) {
  if (sentence.size() <= kMaxSentence) return std::string(sentence);
  std::size_t end = kMaxSentence;
  while (end > 0 && (static_cast<unsigned char>(sentence[end]) & 0xC0U) == 0x80U) --end;
  return absl::StrCat(std::string(sentence.substr(0, end)), "…");
}

// google.rpc.Status, written by hand because its proto is in no package: int32 code = 1, string
// message = 2, repeated google.protobuf.Any details = 3.
std::string rpc_status(int code, const std::string& message, const google::protobuf::Any& detail) {
  std::string bytes;
  google::protobuf::io::StringOutputStream out(&bytes);
  google::protobuf::io::CodedOutputStream coded(&out);
  const auto length_delimited = [&](std::uint32_t tag, const std::string& content) {
    coded.WriteTag(tag);
    coded.WriteVarint32(static_cast<std::uint32_t>(content.size()));
    coded.WriteString(content);
  };
  coded.WriteTag(1U << 3U);
  coded.WriteVarint32(static_cast<std::uint32_t>(code));
  length_delimited(2U << 3U | 2U, message);
  length_delimited(3U << 3U | 2U, detail.SerializeAsString());
  coded.Trim();
  return bytes;
}

}  // namespace

absl::Status parse_message(const grpc::ByteBuffer& bytes, std::uint32_t max_depth,
                           google::protobuf::Message& message) {
  // The reader takes a buffer that it may change; it counts references only.
  grpc::ByteBuffer copy(bytes);
  grpc::ProtoBufferReader reader(&copy);
  google::protobuf::io::CodedInputStream coded(&reader);
  coded.SetRecursionLimit(recursion_limit(max_depth));
  const ProtobufComplaints complaints;
  if (reader.status().ok() && message.ParseFromCodedStream(&coded) &&
      coded.ConsumedEntireMessage()) {
    return absl::OkStatus();
  }
  if (complaints.not_utf8()) {
    return error(
        v1::BAD_COMMAND,
        absl::StrCat("the request is no ", message.GetTypeName(),
                     ": a text in it is not UTF-8; what is not text is sent as `bytes`, in "
                     "C++ as mp::Bytes"));
  }
  return error(v1::BAD_COMMAND,
               absl::StrCat("the request is no well-formed ", message.GetTypeName(),
                            ", or its values are nested deeper than ", max_depth,
                            " (limit --max-value-depth)"));
}

grpc::ByteBuffer serialize_message(const google::protobuf::Message& message) {
  const std::size_t size = message.ByteSizeLong();
  grpc::Slice slice(size);
  // A fresh slice is ours alone until it is handed on.
  message.SerializeWithCachedSizesToArray(const_cast<std::uint8_t*>(slice.begin()));
  return {&slice, 1};
}

grpc::Status to_grpc(const v1::Error& error) {
  v1::Error shown = error;
  shown.set_message(shortened(error.message()));
  // A long cycle is cut; the whole of it is in the manager's WaitForGraph.
  while (shown.cycle_size() > 1 && shown.ByteSizeLong() > kMaxDetail)
    shown.mutable_cycle()->RemoveLast();
  google::protobuf::Any detail;
  detail.PackFrom(shown);
  const int code = static_cast<int>(canonical(error.code()));
  return {static_cast<grpc::StatusCode>(code), shown.message(),
          rpc_status(code, shown.message(), detail)};
}

grpc::Status to_grpc(const absl::Status& status) { return to_grpc(to_wire(status)); }

std::optional<grpc::Slice> in_one_piece(const grpc::ByteBuffer& message) {
  grpc::Slice bytes;
  if (message.TrySingleSlice(&bytes).ok() || message.DumpToSingleSlice(&bytes).ok()) return bytes;
  return std::nullopt;
}

std::string_view view_of(const grpc::Slice& bytes) {
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

grpc::ByteBuffer message_of(std::string_view bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size());
  return {&slice, 1};
}

}  // namespace mp::server
