#include "server/lanes/library_logs.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <spdlog/spdlog.h>

#include <string>

namespace mp::server {

struct ComplaintsOfThread {
  static thread_local ProtobufComplaints* current;

  static void on_protobuf(google::protobuf::LogLevel level, const char* file, int line,
                          const std::string& message) {
    // The parser itself gives no reason; its log is the one place where this one stands.
    if (current != nullptr && message.find("invalid UTF-8") != std::string::npos) {
      current->not_utf8_ = true;
    }
    const bool fatal = level == google::protobuf::LOGLEVEL_FATAL;
    spdlog::log(fatal ? spdlog::level::critical : spdlog::level::debug, "protobuf: {} ({}:{})",
                message, file, line);
  }
};
thread_local ProtobufComplaints* ComplaintsOfThread::current = nullptr;

namespace {

void on_grpc(gpr_log_func_args* args) {
  spdlog::debug("grpc: {} ({}:{})", args->message, args->file, args->line);
}

}  // namespace

void take_over_library_logs() {
  google::protobuf::SetLogHandler(&ComplaintsOfThread::on_protobuf);
  gpr_set_log_function(&on_grpc);
}

ProtobufComplaints::ProtobufComplaints() { ComplaintsOfThread::current = this; }
ProtobufComplaints::~ProtobufComplaints() { ComplaintsOfThread::current = nullptr; }

}  // namespace mp::server
