#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "server/engine/dispatcher.h"
#include "server/engine/engine.h"
#include "server/lanes/frame_handler.h"

namespace mp::server {

// The engine of this process on its local lane. A client process's end is seen through its pidfd;
// where there is none (another PID namespace), its session has a time to live once its last
// connection has closed.
class EngineService final : public LocalService {
 public:
  // Who connects: any process, or methods of the users' types, which run in this one.
  enum class Clients : std::uint8_t { kAny, kMethods };
  // `token` is demanded of other users' processes, who are refused if it is empty.
  EngineService(Engine& engine, Dispatcher& dispatcher, std::string token,
                Clients clients = Clients::kAny)
      : engine_(engine), dispatcher_(dispatcher), token_(std::move(token)), clients_(clients) {}

  std::shared_ptr<FrameHandler> serve(LocalConnection& connection) override;

 private:
  class Handler;

  Engine& engine_;
  Dispatcher& dispatcher_;
  const std::string token_;
  const Clients clients_;
};

}  // namespace mp::server
