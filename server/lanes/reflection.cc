#include "server/lanes/reflection.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "server/lanes/grpc_message.h"
#include "server/lanes/services.h"

namespace mp::server {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using grpc::reflection::v1::FileDescriptorResponse;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

void fail(grpc::StatusCode code, const std::string& message, ServerReflectionResponse& response) {
  response.mutable_error_response()->set_error_code(code);
  response.mutable_error_response()->set_error_message(message);
}

// The file and all that it imports, each once: clients ask for the rest one by one otherwise.
void add_with_imports(const FileDescriptor& file, std::set<const FileDescriptor*>& seen,
                      FileDescriptorResponse& response) {
  if (!seen.insert(&file).second) return;
  google::protobuf::FileDescriptorProto proto;
  file.CopyTo(&proto);
  response.add_file_descriptor_proto(proto.SerializeAsString());
  for (int i = 0; i < file.dependency_count(); ++i) {
    add_with_imports(*file.dependency(i), seen, response);
  }
}

void answer_file(const FileDescriptor* file, const std::string& asked,
                 ServerReflectionResponse& response) {
  if (file == nullptr) {
    return fail(grpc::StatusCode::NOT_FOUND, absl::StrCat("not found: ", asked), response);
  }
  std::set<const FileDescriptor*> seen;
  add_with_imports(*file, seen, *response.mutable_file_descriptor_response());
}

void answer_extension_numbers(const std::string& type, ServerReflectionResponse& response) {
  if (DescriptorPool::generated_pool()->FindMessageTypeByName(type) == nullptr) {
    return fail(grpc::StatusCode::NOT_FOUND, absl::StrCat("not found: ", type), response);
  }
  response.mutable_all_extension_numbers_response()->set_base_type_name(type);  // proto3 has none
}

ServerReflectionResponse answer(const ServerReflectionRequest& request) {
  const DescriptorPool* pool = DescriptorPool::generated_pool();
  ServerReflectionResponse response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case ServerReflectionRequest::kListServices:
      for (const std::string& service : served_services()) {
        response.mutable_list_services_response()->add_service()->set_name(service);
      }
      break;
    case ServerReflectionRequest::kFileByFilename:
      answer_file(pool->FindFileByName(request.file_by_filename()), request.file_by_filename(),
                  response);
      break;
    case ServerReflectionRequest::kFileContainingSymbol:
      answer_file(pool->FindFileContainingSymbol(request.file_containing_symbol()),
                  request.file_containing_symbol(), response);
      break;
    case ServerReflectionRequest::kAllExtensionNumbersOfType:
      answer_extension_numbers(request.all_extension_numbers_of_type(), response);
      break;
    case ServerReflectionRequest::kFileContainingExtension:
      fail(
          grpc::StatusCode::NOT_FOUND,
          absl::StrCat(request.file_containing_extension().containing_type(), " has no extensions"),
          response);
      break;
    default:
      fail(grpc::StatusCode::INVALID_ARGUMENT, "the request asks for nothing", response);
  }
  return response;
}

}  // namespace

void Reflection::on_read(const grpc::ByteBuffer* message) {
  if (message == nullptr) {
    call().finish(grpc::Status::OK);
    return;
  }
  ServerReflectionRequest request;
  if (absl::Status status = parse_message(*message, 0, request); !status.ok()) {
    call().finish(to_grpc(status));
    return;
  }
  call().write(serialize_message(answer(request)));
}

}  // namespace mp::server
