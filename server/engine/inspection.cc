#include "server/engine/inspection.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "server/engine/absl_view.h"
#include "server/engine/lookup.h"
#include "server/engine/page.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {

using google::protobuf::util::TimeUtil;

}  // namespace

google::protobuf::Duration Inspection::until(Time time) const {
  return TimeUtil::NanosecondsToDuration(
      std::max(Duration::zero(), Duration(time - wall_.now())).count());
}

void Inspection::summarize(const HostedObject& hosted, v1::ObjectSummary& summary) const {
  summary.set_id(hosted.id);
  summary.set_name(hosted.name);
  summary.set_kind(std::string(name_of(hosted.object->kind())));
  summary.set_length(hosted.object->length());
  summary.set_bytes(hosted.object->heap_bytes());
  summary.set_waiters(hosted.waiters);
  summary.set_note(hosted.object->note());
}

void Inspection::count_references(
    google::protobuf::RepeatedPtrField<v1::ObjectSummary>& objects) const {
  absl::flat_hash_map<ObjectId, std::uint32_t> counts;
  for (const v1::ObjectSummary& object : objects) counts[object.id()] = 0;
  for (const auto& session : engine_.sessions().all()) {
    session->visit_references([&](ObjectId id, std::uint32_t count) {
      if (const auto at = counts.find(id); at != counts.end()) at->second += count;
    });
  }
  for (v1::ObjectSummary& object : objects) object.set_references(counts[object.id()]);
}

absl::Status Inspection::list_objects(const v1::ListObjectsRequest& request,
                                      v1::ListObjectsReply& reply) {
  if (!request.kind().empty() && !kind_named(request.kind())) {
    return error(v1::VALUE_ERROR, absl::StrCat("there is no kind '", request.kind(), "'"));
  }
  const std::string_view prefix = request.name_prefix();
  const std::string_view after = request.after_name();
  // Objects without a name come last.
  Page<std::tuple<bool, std::string, ObjectId>, Shard*> page(request.limit());
  for (const auto& shard : engine_.shards()) {
    Deliveries deliveries;
    const Section section(*shard, deliveries);
    for (const auto& [id, hosted] : section.objects()) {
      const std::string_view name = hosted.name;
      if (!name.starts_with(prefix) || (!name.empty() && name <= after)) continue;
      if (!request.kind().empty() && name_of(hosted.object->kind()) != request.kind()) continue;
      if (page.wants(std::tuple(name.empty(), name, id)))
        page.add({name.empty(), hosted.name, id}, shard.get());
    }
  }
  reply.set_more(page.more());
  for (const auto& [key, shard] : page.take()) {
    Deliveries deliveries;
    Section section(*shard, deliveries);
    const HostedObject* hosted = section.find(std::get<ObjectId>(key));
    if (hosted != nullptr) summarize(*hosted, *reply.add_objects());
  }
  count_references(*reply.mutable_objects());
  return absl::OkStatus();
}

namespace {

void identify(v1::Party& party, const Owner& owner, const Session* session) {
  party.set_session(owner.session);
  party.set_owner(owner.handle);
  if (session != nullptr) *party.mutable_client() = session->client();
}

}  // namespace

v1::Holder Inspection::holder(const Holding& holding) const {
  v1::Holder holder;
  identify(*holder.mutable_party(), holding.owner,
           engine_.sessions().find(holding.owner.session).get());
  *holder.mutable_since() = wall_.of(holding.since);
  holder.set_token(holding.token);
  if (holding.lease_ends) *holder.mutable_lease() = until(*holding.lease_ends);
  return holder;
}

v1::Waiter Inspection::waiter(const Parked& parked, const HostedObject& hosted) const {
  v1::Waiter waiter;
  identify(*waiter.mutable_party(), parked.origin.party(), parked.origin.session.get());
  waiter.set_operation(
      absl::StrCat(absl_view(parked.kind->service), "/", absl_view(parked.operation->rpc)));
  waiter.set_object(hosted.id);
  waiter.set_name(hosted.name);
  *waiter.mutable_since() = wall_.of(parked.since);
  if (parked.deadline) *waiter.mutable_timeout() = until(*parked.deadline);
  return waiter;
}

absl::Status Inspection::describe_object(const v1::DescribeObjectRequest& request,
                                         v1::DescribeObjectReply& reply) {
  const Target target{.name = request.name(), .id = request.id()};
  Deliveries deliveries;
  Section section(engine_.shard_of(target), deliveries);
  const absl::StatusOr<HostedObject*> found = require_object(section, target);
  if (!found.ok()) return found.status();
  const HostedObject& hosted = **found;
  summarize(hosted, *reply.mutable_summary());
  std::uint32_t references = 0;
  for (const auto& session : engine_.sessions().all())
    references += session->references_to(hosted.id);
  reply.mutable_summary()->set_references(references);
  const std::vector<Holding> holders = hosted.object->holders();
  const std::uint64_t listed = std::min<std::uint64_t>(holders.size(), kMostListed);
  for (std::uint64_t i = 0; i < listed; ++i) *reply.add_holders() = holder(holders[i]);
  reply.set_holders_left_out(holders.size() - listed);
  const std::vector<Owner> missing = hosted.object->missing();
  const std::size_t named = std::min<std::size_t>(missing.size(), kMostListed);
  for (std::size_t i = 0; i < named; ++i)
    identify(*reply.add_missing(), missing[i], engine_.sessions().find(missing[i].session).get());
  reply.set_missing_left_out(missing.size() - named);
  Page<Ticket, const Parked*> parked(kMostListed);  // in order of arrival
  for (const auto& [ticket, each] : section.parked()) {
    if (each.object == hosted.id && parked.wants(ticket)) parked.add(ticket, &each);
  }
  for (const auto& [ticket, each] : parked.take()) *reply.add_waiters() = waiter(*each, hosted);
  reply.set_waiters_left_out(hosted.waiters - static_cast<std::uint64_t>(reply.waiters_size()));
  return absl::OkStatus();
}

namespace {

bool asks_for(const v1::ListWaitersRequest& request, const Parked& parked,
              const HostedObject& hosted) {
  return (request.session() == 0 || request.session() == parked.origin.party().session) &&
         std::string_view(hosted.name).starts_with(request.name_prefix());
}

}  // namespace

absl::Status Inspection::list_waiters(const v1::ListWaitersRequest& request,
                                      v1::ListWaitersReply& reply) {
  Page<std::tuple<Time, std::uint32_t, Ticket>, v1::Waiter> page(request.limit());
  for (const auto& shard : engine_.shards()) {
    Deliveries deliveries;
    Section section(*shard, deliveries);
    for (const auto& [ticket, parked] : section.parked()) {
      const HostedObject& hosted = *section.find(parked.object);
      const std::tuple key(parked.since, shard->index(), ticket);
      if (asks_for(request, parked, hosted) && page.wants(key))
        page.add(key, waiter(parked, hosted));
    }
  }
  reply.set_more(page.more());
  for (auto& [key, waiter] : page.take()) *reply.add_waiters() = std::move(waiter);
  return absl::OkStatus();
}

absl::Status Inspection::list_sessions(const v1::ListSessionsRequest&,
                                       v1::ListSessionsReply& reply) {
  const auto sessions = engine_.sessions().all();
  absl::flat_hash_map<SessionId, std::uint32_t> waiting;
  for (const auto& shard : engine_.shards()) {
    Deliveries deliveries;
    const Section section(*shard, deliveries);
    for (const auto& session : sessions)
      waiting[session->id()] += section.waiting_of(session->id());
  }
  for (const auto& session : sessions) {
    const Session::Numbers numbers = session->numbers();
    v1::SessionSummary& summary = *reply.add_sessions();
    summary.set_session(session->id());
    *summary.mutable_client() = session->client();
    summary.set_lane(session->lane());
    *summary.mutable_opened() = wall_.of(session->opened());
    summary.set_connections(static_cast<std::uint32_t>(numbers.connections));
    summary.set_references(static_cast<std::uint32_t>(numbers.references));
    summary.set_waiting(waiting[session->id()]);
    summary.set_kept_outcomes(numbers.kept);
    summary.set_kept_bytes(numbers.kept_bytes);
  }
  return absl::OkStatus();
}

absl::Status Inspection::stats(const v1::StatsRequest&, v1::StatsReply& reply) {
  reply.set_epoch(engine_.epoch());
  *reply.mutable_started() = timestamp(engine_.started());
  reply.set_version(MP_VERSION);
  reply.set_sessions(engine_.sessions().size());
  std::uint64_t objects = 0;
  std::uint64_t waiters = 0;
  std::uint64_t commands = 0;
  std::uint64_t bytes = 0;
  for (const auto& shard : engine_.shards()) {
    Deliveries deliveries;
    const Section section(*shard, deliveries);
    objects += section.objects().size();
    waiters += section.parked().size();
    commands += section.commands();
    for (const auto& [id, hosted] : section.objects()) bytes += hosted.object->heap_bytes();
  }
  reply.set_objects(objects);
  reply.set_waiters(waiters);
  reply.set_commands(commands);
  reply.set_bytes(bytes);
  return absl::OkStatus();
}

}  // namespace mp::server
