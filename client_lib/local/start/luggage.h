#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client_lib/local/os/descriptor.h"
#include "client_lib/local/process/process_state.h"
#include "client_lib/local/start/inheritance.h"
#include "mp/bytes.h"
#include "mp/internal/parcel.h"
#include "mp/internal/travel.h"

// What a child that is not forked from its parent is sent: who it is, and what it is to do.

namespace mp::internal {

// A plain struct: its Codec is made of its fields. Numbers of descriptors are those of the
// OutgoingDescriptors beside it.
struct Contents {
  Bytes name;
  std::vector<int> identity;
  bool daemon = false;
  StartMethod start_method = StartMethod::kFork;
  bool start_method_is_settled = false;

  Bytes parent_name;
  int parent_pid = 0;
  std::uint64_t parent = 0;  // its pidfd

  // Only where the child has not got them by its birth.
  std::optional<std::uint64_t> folder;
  std::vector<std::pair<int, std::uint64_t>> streams;  // the standard ones

  std::optional<std::uint64_t> forkserver;  // the socket of the one in use

  PackedInheritance inheritance;
  std::string code;  // of Parcel::unpack; empty: there is no call
  Bytes parcel;
};

enum class Surroundings { kByBirth, kSent };

// Made in the parent, before there is a child.
class Luggage {
 public:
  // Packs all of it, under a ForkTurn. Errors: ProcessError; what `pack` throws.
  Luggage(const ProcessState& child, const std::function<Parcel()>& pack,
          Surroundings surroundings);

  // Hands it over. A child that is dead already is no error: it will be seen to have ended.
  // Errors: ProcessError.
  void send(const Descriptor& socket) const;

 private:
  std::uint64_t add(Descriptor descriptor);
  void add_surroundings(Contents& contents);

  OutgoingDescriptors outgoing_;  // first, as all packing leaves its descriptors here
  Descriptor contents_;           // a file without a name
};

// As it comes to the child.
class ReceivedLuggage {
 public:
  // nullopt: nobody is there to send it any more. Errors: ProcessError.
  static std::optional<ReceivedLuggage> from(const Descriptor& socket);

  // Makes this process what it is from now on, and gives what it is to call, or nothing. Errors:
  // what the Codecs throw, and ProcessError.
  std::unique_ptr<Call> unpack() &&;

 private:
  Descriptor contents_;
  std::vector<Descriptor> descriptors_;
};

}  // namespace mp::internal
