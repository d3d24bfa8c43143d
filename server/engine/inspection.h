#pragma once

#include <chrono>
#include <string>

#include "absl/status/status.h"
#include "mp/v1/admin.pb.h"
#include "server/engine/engine.h"

namespace mp::server {

// What an operator sees of a manager at one moment. It enters one shard after another, so that the
// manager goes on meanwhile; each object is seen as it is in its own moment.
class Inspection {
 public:
  explicit Inspection(Engine& engine)
      : engine_(engine), now_(engine.now()), wall_now_(std::chrono::system_clock::now()) {}

  // Those with a name, by name; then those without, by id.
  absl::Status list_objects(const v1::ListObjectsRequest&, v1::ListObjectsReply&);
  absl::Status describe_object(const v1::DescribeObjectRequest&, v1::DescribeObjectReply&);
  // The same as text for people, a line for each object. What would not fit into a message is left
  // out, and counted in the last line.
  absl::Status text_of(const Target& target, std::string& text);
  absl::Status text_of_all(std::string& text);
  absl::Status list_sessions(const v1::ListSessionsRequest&, v1::ListSessionsReply&);
  absl::Status list_waiters(const v1::ListWaitersRequest&, v1::ListWaitersReply&);
  absl::Status stats(const v1::StatsRequest&, v1::StatsReply&);

 private:
  static constexpr std::uint32_t kMostLines = 10'000;
  static constexpr std::uint32_t kMostListed = 10'000;  // holders of an object, and waiters

  google::protobuf::Timestamp wall(Time time) const;
  google::protobuf::Duration until(Time time) const;
  void summarize(const HostedObject& hosted, v1::ObjectSummary& summary) const;
  v1::Holder holder(const Holding& holding) const;
  v1::Waiter waiter(const Parked& parked, const HostedObject& hosted) const;
  // Fills in how many references the sessions hold to each of these.
  void count_references(google::protobuf::RepeatedPtrField<v1::ObjectSummary>& objects) const;

  Engine& engine_;
  const Time now_;
  const std::chrono::system_clock::time_point wall_now_;
};

}  // namespace mp::server
