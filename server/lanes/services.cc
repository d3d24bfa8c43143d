#include "server/lanes/services.h"

#include <algorithm>
#include <set>

#include "grpc/health/v1/health.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"
#include "mp/v1/admin.pb.h"
#include "mp/v1/command.pb.h"
#include "mp/v1/trunk.pb.h"

namespace mp::server {
namespace {

// Those of a file and of all that it imports.
void collect(const google::protobuf::FileDescriptor& file, std::set<std::string>& services) {
  for (int i = 0; i < file.service_count(); ++i) services.insert(file.service(i)->full_name());
  for (int i = 0; i < file.dependency_count(); ++i) collect(*file.dependency(i), services);
}

}  // namespace

const std::vector<std::string>& served_services() {
  static const std::vector<std::string> services = [] {
    std::set<std::string> found;
    for (const google::protobuf::Descriptor* message :
         {v1::Command::descriptor(), v1::ListObjectsRequest::descriptor(),
          v1::TrunkFrame::descriptor(), grpc::health::v1::HealthCheckRequest::descriptor(),
          grpc::reflection::v1::ServerReflectionRequest::descriptor(),
          grpc::reflection::v1alpha::ServerReflectionRequest::descriptor()}) {
      collect(*message->file(), found);
    }
    return std::vector<std::string>(found.begin(), found.end());
  }();
  return services;
}

bool is_served(std::string_view service) {
  return std::binary_search(served_services().begin(), served_services().end(), service);
}

}  // namespace mp::server
