#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "mp/v1/error.pb.h"

namespace mp::server {

// Reads a message that was sent whole. BAD_COMMAND says what is wrong with the bytes; values may
// nest `max_depth` deep.
absl::Status parse_message(const grpc::ByteBuffer& bytes, std::uint32_t max_depth,
                           google::protobuf::Message& message);
grpc::ByteBuffer serialize_message(const google::protobuf::Message& message);

// A message's bytes, in one piece also where they came in several. Nothing if they can't be read.
std::optional<grpc::Slice> in_one_piece(const grpc::ByteBuffer& message);
std::string_view view_of(const grpc::Slice& bytes);
grpc::ByteBuffer message_of(std::string_view bytes);

// A failure as a gRPC client sees it: the class of failure, the sentence, and in the details an
// mp.v1.Error with the code, as a google.rpc.Status, which is how grpcurl and other clients expect
// them.
grpc::Status to_grpc(const v1::Error& error);
grpc::Status to_grpc(const absl::Status& status);

}  // namespace mp::server
