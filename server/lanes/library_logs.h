#pragma once

namespace mp::server {

// gRPC and protobuf write to stderr what concerns one client only, such as bytes that are not
// UTF-8. From now on that goes to our log, at debug level.
void take_over_library_logs();

// What protobuf complains about on this thread, while one of these lives.
class ProtobufComplaints {
 public:
  ProtobufComplaints();
  ~ProtobufComplaints();
  ProtobufComplaints(const ProtobufComplaints&) = delete;
  ProtobufComplaints& operator=(const ProtobufComplaints&) = delete;

  bool not_utf8() const { return not_utf8_; }

 private:
  friend struct ComplaintsOfThread;
  bool not_utf8_ = false;
};

}  // namespace mp::server
