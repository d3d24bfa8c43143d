#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

#include "client_lib/local/lane/byte_ring.h"
#include "client_lib/local/os/descriptor.h"
#include "client_lib/local/shared/spin.h"

namespace mp::internal {

// What both ends of a lane tell each other beside the bytes. Hints: whatever they say harms nobody.
// What one side writes is kept away from what the other does.
struct LaneControl {  // NOLINT(clang-analyzer-optin.performance.Padding): that is why
  static constexpr std::uint64_t kLayout = 0x6d70'6c61'6e65'0001;  // "mplane", and its version

  // The server's:
  std::uint64_t layout;
  std::uint64_t ring_bytes;
  ProcessorWord server_processor;
  std::atomic<std::uint32_t> busy_lanes;  // of all of its, in the last moments

  RingControl to_server;
  RingControl to_client;
  alignas(RingControl::kApart) ProcessorWord client_processor;
};
static_assert(std::is_trivially_destructible_v<LaneControl>);

// The shared memory of one lane: a ring each way.
//
//   ┌─────────┬──────────────────────┬──────────────────────┐
//   │ control │ client to server     │ server to client     │
//   └─────────┴──────────────────────┴──────────────────────┘
//   0         kControlBytes          + ring_bytes           + ring_bytes
//
// The server makes it, of memory without a name, and passes a descriptor; no descriptor is needed
// any more once both have mapped it. Its size is sealed, and what lies beyond the end of a file is
// what SIGBUS is mostly for: whatever the client does to it, the server reads bytes. A hole that is
// punched into it reads as zeros, and takes memory anew, which the machine may lack if it promises
// no more than it has (vm.overcommit_memory=2). A forked child does not have it (MADV_DONTFORK).
class LaneMemory {
 public:
  static constexpr std::size_t kControlBytes = 4096;
  static constexpr std::size_t kRingBytes = std::size_t{256} << 10U;  // each way

  // New memory, reserved, and the descriptor to be passed. Null if the system has none to give, or
  // no descriptor: `why` says which.
  static std::unique_ptr<LaneMemory> make(Descriptor& to_pass, std::string& why);
  // What make() made. Null if it is no such thing, or can't be mapped: `why` says so.
  static std::unique_ptr<LaneMemory> attach(const Descriptor& passed, std::string& why);
  ~LaneMemory();
  LaneMemory(const LaneMemory&) = delete;
  LaneMemory& operator=(const LaneMemory&) = delete;

  LaneControl& control() const { return *control_; }

  // The four ends: each for its side alone, made once.
  RingWriter client_writer() const { return {control().to_server, bytes_to_server(), ring_bytes_}; }
  RingReader server_reader() const { return {control().to_server, bytes_to_server(), ring_bytes_}; }
  RingWriter server_writer() const { return {control().to_client, bytes_to_client(), ring_bytes_}; }
  RingReader client_reader() const { return {control().to_client, bytes_to_client(), ring_bytes_}; }

 private:
  LaneMemory(std::byte* mapped, std::size_t ring_bytes);
  static std::unique_ptr<LaneMemory> map(int fd, std::size_t ring_bytes, std::string& why);

  std::byte* bytes_to_server() const { return mapped_ + kControlBytes; }
  std::byte* bytes_to_client() const { return mapped_ + kControlBytes + ring_bytes_; }
  std::size_t size() const { return kControlBytes + 2 * ring_bytes_; }

  std::byte* const mapped_;
  LaneControl* const control_;
  const std::size_t ring_bytes_;
  const std::uint64_t generation_;  // the fork_generation() that has it mapped
};
static_assert(sizeof(LaneControl) <= LaneMemory::kControlBytes);

}  // namespace mp::internal
