#pragma once

#include <cstdint>

#include "server/objects/step.h"

namespace mp::server {

// What this manager allows. Past a limit a command fails with LIMIT_EXCEEDED, and nothing has
// changed. Each limit is a flag of mp-manager of the same name.
struct Limits {
  ObjectLimits objects;                            // --max-value-depth, --max-value-bytes …
  std::uint64_t max_message_bytes = 64ULL << 20U;  // of a frame, a request, or an outcome
  std::uint64_t max_name_bytes = 4096;             // of an object's name
  std::uint64_t max_objects = 10'000'000;
  std::uint64_t max_sessions = 100'000;
  std::uint64_t max_waiters_per_object = 100'000;
  std::uint64_t max_kept_bytes = 64ULL << 20U;  // outcomes that a session has not acknowledged
  std::uint64_t max_references = 10'000'000;    // that one session holds
  std::uint64_t max_custom_calls = 100'000;  // of methods of users' own types, waiting or running
  std::uint64_t max_memory_bytes = 0;        // of the whole manager; 0: none
  Duration session_time_to_live = std::chrono::seconds(10);  // of a session that cannot be watched
  Duration child_adoption =
      std::chrono::seconds(30);  // until a child session must have been taken up
  Duration hello_timeout = std::chrono::seconds(10);  // until a session stream must have said hello
  Duration collection_period = std::chrono::seconds(10);
  // How long the events of an object are kept after its last watch went.
  Duration watch_retention = std::chrono::seconds(60);
};

}  // namespace mp::server
