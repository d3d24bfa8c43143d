// A bare exchange of --request and --reply bytes on one bidirectional gRPC stream: the floor for
// the session stream. One thread, which starts the read and the write and waits for both.

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "bench/peer.h"
#include "bench/ping_pong.h"

namespace {

class EchoPeer final : public mp::bench::Peer {
 public:
  EchoPeer(const std::string& address, std::size_t request, std::size_t reply)
      : stub_(grpc::CreateChannel(address, grpc::InsecureChannelCredentials())),
        request_(request),
        reply_bytes_(reply) {
    if (request < mp::bench::kLeastPing) throw std::runtime_error("echo: too small a request");
    const mp::bench::PingHeader header{.request_bytes = static_cast<std::uint32_t>(request),
                                       .reply_bytes = static_cast<std::uint32_t>(reply)};
    std::memcpy(request_.data(), &header, sizeof header);
    context_.set_wait_for_ready(true);
    stream_ = stub_.PrepareCall(&context_, "/mp.bench.Echo/Exchange", &queue_);
    stream_->StartCall(kStart);
    wait_for(1);
  }

  ~EchoPeer() override {
    context_.TryCancel();
    grpc::Status status;
    stream_->Finish(&status, kFinish);
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) continue;
  }
  EchoPeer(const EchoPeer&) = delete;
  EchoPeer& operator=(const EchoPeer&) = delete;

  void get() override { exchange(); }
  void set() override { exchange(); }

 private:
  // The tags of the queue, which tell nothing here: what is started is always waited for.
  static constexpr void* kStart = nullptr;
  static constexpr void* kFinish = nullptr;

  void exchange() {
    const grpc::Slice slice(request_.data(), request_.size());
    stream_->Read(&incoming_, nullptr);
    stream_->Write(grpc::ByteBuffer(&slice, 1), nullptr);
    wait_for(2);
    if (incoming_.Length() != reply_bytes_) throw std::runtime_error("echo: a wrong reply");
  }

  void wait_for(int events) {
    void* tag = nullptr;
    bool ok = false;
    for (; events > 0; --events) {
      if (!queue_.Next(&tag, &ok) || !ok) throw std::runtime_error("echo: the stream is broken");
    }
  }

  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  std::vector<char> request_;
  const std::size_t reply_bytes_;
  grpc::ByteBuffer incoming_;
};

}  // namespace

int main(int argc, char** argv) {
  return mp::bench::run_client(argc, argv, [](const mp::bench::Arguments& arguments) {
    return std::make_unique<EchoPeer>(arguments.text("address"), arguments.count("request"),
                                      arguments.count("reply"));
  });
}
