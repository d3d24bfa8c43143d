#include "server/lanes/grpc_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "google/protobuf/unknown_field_set.h"
#include "mp/v1/dict.pb.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {

using testing::EndsWith;
using testing::Le;
using testing::SizeIs;

v1::Error error_of(v1::Code code, const std::string& message) {
  v1::Error error;
  error.set_code(code);
  error.set_message(message);
  return error;
}

TEST(GrpcMessageTest, AMessageComesBackAsItWas) {
  v1::DictGetRequest request;
  request.set_name("scores");
  request.mutable_key()->set_str("alice");
  v1::DictGetRequest read;
  ASSERT_TRUE(parse_message(serialize_message(request), 64, read).ok());
  EXPECT_EQ(read.SerializeAsString(), request.SerializeAsString());
}

TEST(GrpcMessageTest, AMessageInSeveralPiecesIsOne) {
  v1::DictGetRequest request;
  request.set_name(std::string(1000, 'n'));
  const std::string bytes = request.SerializeAsString();
  const std::array<grpc::Slice, 2> pieces = {grpc::Slice(bytes.substr(0, 500)),
                                             grpc::Slice(bytes.substr(500))};
  v1::DictGetRequest read;
  ASSERT_TRUE(parse_message(grpc::ByteBuffer(pieces.data(), pieces.size()), 64, read).ok());
  EXPECT_EQ(read.name(), request.name());
}

TEST(GrpcMessageTest, AnEmptyBufferIsAnEmptyMessage) {
  v1::DictGetRequest read;
  EXPECT_TRUE(parse_message(serialize_message(read), 64, read).ok());
}

TEST(GrpcMessageTest, AMessageThatEndsTooEarlyIsABadCommand) {
  v1::DictGetRequest request;
  request.set_name("scores");
  const std::string bytes = request.SerializeAsString();
  const grpc::Slice piece(bytes.substr(0, bytes.size() - 1));
  v1::DictGetRequest read;
  EXPECT_EQ(code_of(parse_message(grpc::ByteBuffer(&piece, 1), 64, read)), v1::BAD_COMMAND);
}

TEST(GrpcMessageTest, AStatusHoldsTheErrorAsADetail) {
  const grpc::Status status = to_grpc(error_of(v1::EMPTY, "queue 'jobs' is empty"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  google::protobuf::UnknownFieldSet fields;  // of google.rpc.Status
  ASSERT_TRUE(fields.ParseFromString(status.error_details()));
  ASSERT_EQ(fields.field_count(), 3);
  EXPECT_EQ(fields.field(0).varint(),
            static_cast<std::uint64_t>(grpc::StatusCode::FAILED_PRECONDITION));
  EXPECT_EQ(fields.field(1).length_delimited(), "queue 'jobs' is empty");
}

TEST(GrpcMessageTest, ALongSentenceIsCutBetweenCharacters) {
  std::string sentence = "x";
  for (int i = 0; i < 1000; ++i) sentence += "é";
  const grpc::Status status = to_grpc(error_of(v1::VALUE_ERROR, sentence));
  EXPECT_THAT(status.error_message(), SizeIs(Le(1000U)));
  EXPECT_THAT(status.error_message(), EndsWith("é…"));
}

}  // namespace
}  // namespace mp::server
