#pragma once

#include <string>

#include "absl/status/status.h"
#include "mp/v1/admin.pb.h"
#include "server/engine/engine.h"
#include "server/engine/wall_time.h"

namespace mp::server {

// What an operator sees of a manager at one moment. It enters one shard after another, so that the
// manager goes on meanwhile; each object is seen as it is in its own moment.
class Inspection {
 public:
  explicit Inspection(Engine& engine) : engine_(engine), wall_(engine.now()) {}

  // Those with a name, by name; then those without, by id.
  absl::Status list_objects(const v1::ListObjectsRequest&, v1::ListObjectsReply&);
  absl::Status describe_object(const v1::DescribeObjectRequest&, v1::DescribeObjectReply&);
  // The same as text for people, a line for each object. What would not fit into a message is left
  // out, and counted in the last line.
  absl::Status text_of(const Target& target, std::string& text);
  absl::Status text_of_all(std::string& text);
  absl::Status list_sessions(const v1::ListSessionsRequest&, v1::ListSessionsReply&);
  absl::Status list_waiters(const v1::ListWaitersRequest&, v1::ListWaitersReply&);
  absl::Status wait_for_graph(const v1::WaitForGraphRequest&, v1::WaitForGraphReply&);
  // Of the users' own (custom_inspection.cc).
  absl::Status list_types(const v1::ListTypesRequest&, v1::ListTypesReply&);
  absl::Status stats(const v1::StatsRequest&, v1::StatsReply&);

 private:
  static constexpr std::uint32_t kMostLines = 10'000;
  static constexpr std::uint32_t kMostListed = 10'000;  // holders of an object, and waiters

  google::protobuf::Duration until(Time time) const;
  void summarize(const HostedObject& hosted, v1::ObjectSummary& summary) const;
  v1::Holder holder(const Holding& holding) const;
  v1::Waiter waiter(const Parked& parked, const HostedObject& hosted) const;
  // Of a parked command, up to so many in all.
  void add_edges(Section& section, Ticket ticket, std::size_t most,
                 v1::WaitForGraphReply& reply) const;
  // Fills in how many references the sessions hold to each of these.
  void count_references(google::protobuf::RepeatedPtrField<v1::ObjectSummary>& objects) const;

  Engine& engine_;
  const WallTime wall_;
};

}  // namespace mp::server
