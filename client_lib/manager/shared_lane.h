#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "client_lib/local/lane/byte_ring.h"
#include "client_lib/local/lane/frequent_use.h"
#include "client_lib/local/lane/lane_frames.h"
#include "client_lib/local/lane/lane_memory.h"
#include "client_lib/local/lane/lane_wait.h"
#include "client_lib/manager/lane.h"
#include "client_lib/manager/socket_lane.h"

namespace mp::internal {

// A connection of the local lane whose frames go on through rings in shared memory, if it is used
// often, and if the manager has such memory: lane_frames.h says how it gets from one to the other.
// The socket tells of the manager's end, and wakes who sleeps.
//
//   on the socket ──much is sent: ask──► asked ──offer──► offered ──change──► sends by ring
//        ▲                                 │                                     │ manager changes
//        └────────── declined ─────────────┘                        sends and receives by ring
class SharedLane final : public LaneConnection {
 public:
  SharedLane(std::shared_ptr<LaneSocket> socket, Lane lane, const Spin& spin);

  Result send_some(const char* data, std::size_t size, std::size_t& sent) override;
  Result receive(char* data, std::size_t size, const Deadline& deadline,
                 std::size_t& received) override;
  Result wait_either(const Deadline& deadline) override;
  void on_frame_sent() override;
  Frame take(std::string_view frame) override;
  void shut() override { socket_->shut(); }

 private:
  enum class State { kOnSocket, kAsked, kOffered, kRefused, kChanged };

  void on_offer();
  bool send_frame(LaneFrame frame);
  // What the ring has: kTimedOut for nothing.
  Result read_from(RingReader& ring, char* data, std::size_t size, std::size_t& received) const;

  const std::shared_ptr<LaneSocket> socket_;

  // Of who sends, and of who takes frames: the channel's mutex is between them.
  State state_ = State::kOnSocket;
  std::unique_ptr<LaneMemory> memory_;
  FrequentUse use_;
  std::optional<RingWriter> writer_;  // once it sends by ring

  // Of who receives.
  std::optional<RingReader> reader_;  // once it receives by ring
  LanePatience patience_;
  bool is_closed_ = false;
};

}  // namespace mp::internal
