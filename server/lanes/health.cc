#include "server/lanes/health.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "grpc/health/v1/health.pb.h"
#include "server/lanes/grpc_message.h"
#include "server/lanes/services.h"

namespace mp::server {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

HealthCheckResponse::ServingStatus status_of(const Health& health, const std::string& service) {
  if (!service.empty() && !is_served(service)) return HealthCheckResponse::SERVICE_UNKNOWN;
  return health.serving() ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

grpc::ByteBuffer response(HealthCheckResponse::ServingStatus status) {
  HealthCheckResponse message;
  message.set_status(status);
  return serialize_message(message);
}

class Check final : public OneRequestHandler {
 public:
  Check(std::shared_ptr<GrpcCall> call, const Health& health)
      : OneRequestHandler(std::move(call)), health_(health) {}

 private:
  void on_request(const grpc::ByteBuffer& bytes) override {
    HealthCheckRequest request;
    if (absl::Status status = parse_message(bytes, 0, request); !status.ok()) {
      call().finish(to_grpc(status));
      return;
    }
    const auto status = status_of(health_, request.service());
    if (status == HealthCheckResponse::SERVICE_UNKNOWN) {
      call().finish(grpc::Status(grpc::StatusCode::NOT_FOUND,
                                 absl::StrCat("there is no service ", request.service())));
    } else {
      call().finish(response(status));
    }
  }

  const Health& health_;
};

// Says what holds, and once more when the manager shuts down; then it ends.
class Watch final : public OneRequestHandler {
 public:
  Watch(std::shared_ptr<GrpcCall> call, const Health& health)
      : OneRequestHandler(std::move(call)), health_(health) {}

  void on_shutdown() override { tell(); }

 private:
  void on_request(const grpc::ByteBuffer& bytes) override {
    HealthCheckRequest request;
    if (absl::Status status = parse_message(bytes, 0, request); !status.ok()) {
      call().finish(to_grpc(status));
      return;
    }
    {
      const MutexLock lock(mutex_);
      service_ = request.service();
      asked_ = true;
    }
    tell();
  }

  void on_written() override {
    {
      const MutexLock lock(mutex_);
      writing_ = false;
    }
    tell();
  }

  void tell() {
    const MutexLock lock(mutex_);
    if (!asked_ || writing_) return;  // on_written() comes back here
    const auto status = status_of(health_, service_);
    if (status != told_) {
      told_ = status;
      writing_ = call().write(response(status));
    } else if (!health_.serving()) {
      call().finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the manager is shutting down"));
    }
  }

  const Health& health_;
  Mutex mutex_;
  std::string service_ MP_GUARDED_BY(mutex_);
  bool asked_ MP_GUARDED_BY(mutex_) = false;
  bool writing_ MP_GUARDED_BY(mutex_) = false;
  HealthCheckResponse::ServingStatus told_ MP_GUARDED_BY(mutex_) = HealthCheckResponse::UNKNOWN;
};

}  // namespace

std::shared_ptr<CallHandler> Health::check(std::shared_ptr<GrpcCall> call) const {
  return std::make_shared<Check>(std::move(call), *this);
}

std::shared_ptr<CallHandler> Health::watch(std::shared_ptr<GrpcCall> call) const {
  return std::make_shared<Watch>(std::move(call), *this);
}

}  // namespace mp::server
