#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "server/engine/dispatcher.h"
#include "server/engine/engine.h"
#include "server/lanes/conversation.h"

// Any bytes as what a client sends on the local lane after its hello: cut into frames, parsed, and
// run by an engine. Each command is answered at most once, and the engine keeps what it promises
// about itself.

namespace mp::server {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

class StillClock final : public Clock {
 public:
  Time now() const override { return Time(std::chrono::hours(1)); }
};

class Client final : public Port,
                     public Conversation::Host,
                     public std::enable_shared_from_this<Client> {
 public:
  void append(const v1::Outcome&) override { ++outcomes; }
  void append_bytes(std::string_view) override { ++outcomes; }
  void flush() override {}

  absl::Status admit(const v1::Hello&) override { return absl::OkStatus(); }
  void on_joined(const v1::Hello&) override {}
  std::shared_ptr<Port> port() override { return shared_from_this(); }
  void send(const v1::ServerFrame&) override {}

  std::size_t outcomes = 0;
};

Limits small_limits() {
  Limits limits;
  limits.objects = {.max_depth = 16, .max_bytes = 4096, .max_items = 100};
  limits.max_message_bytes = 64 << 10U;
  limits.max_objects = 50;
  limits.max_kept_bytes = 64 << 10U;
  return limits;
}

std::string hello() {
  v1::ClientFrame frame;
  frame.mutable_hello()->set_version(1);
  return frame.SerializeAsString();
}

void fuzz(std::string_view bytes) {
  const StillClock clock;
  Engine::Options options;
  options.limits = small_limits();
  options.shards = 2;
  options.ticking = Engine::Ticking::kByHand;
  Engine engine(options, clock);
  Dispatcher dispatcher(engine);
  const auto client = std::make_shared<Client>();
  Conversation conversation(*client, engine, dispatcher, "fuzz");
  require(conversation.on_frame(hello()));

  FrameSplitter splitter(engine.limits().max_message_bytes);
  bool open = true;
  while (open && !bytes.empty()) {
    const std::size_t size = std::min<std::size_t>(bytes.size(), 100);  // as sockets may cut it
    std::memcpy(splitter.prepare(size), bytes.data(), size);
    splitter.commit(size);
    bytes.remove_prefix(size);
    while (open) {
      const auto frame = splitter.next();
      if (!frame) break;
      open = conversation.on_frame(*frame);
    }
    open = open && !splitter.too_large();
  }
  engine.tick();
  engine.collect();
  engine.end_session(conversation.session());
}

}  // namespace
}  // namespace mp::server

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mp::server::fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
