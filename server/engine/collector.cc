#include "server/engine/collector.h"

#include "server/engine/engine.h"
#include "server/objects/error.h"

namespace mp::server {

std::uint64_t Collector::run() {
  mark_waited_for_and_referred_to();
  // Mostly nothing else is left, and the containers need not be looked into, which takes as long as
  // there are items.
  if (unmarked().empty()) return 0;
  mark_named();
  mark_what_containers_hold();
  const std::vector<ObjectId> garbage = unmarked();
  const absl::Status why =
      error(v1::NO_SUCH_OBJECT, "the object was removed: nobody referred to it");
  for (const ObjectId id : garbage) sections_.of(id).remove(id, why);
  return garbage.size();
}

void Collector::mark(ObjectId id) {
  if (marked_.insert(id).second) grey_.push_back(id);
}

// References are counted in the section of the command that grants them, so none is on its way now.
void Collector::mark_waited_for_and_referred_to() {
  for (const Section& section : sections_) {
    for (const auto& [ticket, parked] : section.parked()) mark(parked.object);
  }
  for (const auto& session : engine_.sessions().all()) {
    session->visit_references([this](ObjectId id, std::uint32_t) { mark(id); });
  }
}

void Collector::mark_named() {
  for (const Section& section : sections_) {
    for (const auto& [id, hosted] : section.objects()) {
      if (!hosted.name.empty()) mark(id);
    }
  }
}

void Collector::mark_what_containers_hold() {
  while (!grey_.empty()) {
    const ObjectId id = grey_.back();
    grey_.pop_back();
    const HostedObject* hosted = sections_.of(id).find(id);
    if (hosted == nullptr) continue;
    const auto mark_held = [this](ObjectId held) { mark(held); };
    hosted->object->visit_refs(mark_held);
    if (hosted->object->log() != nullptr) hosted->object->log()->visit_refs(mark_held);
  }
}

std::vector<ObjectId> Collector::unmarked() const {
  std::vector<ObjectId> ids;
  for (const Section& section : sections_) {
    for (const auto& [id, hosted] : section.objects()) {
      if (hosted.name.empty() && !marked_.contains(id)) ids.push_back(id);
    }
  }
  return ids;
}

}  // namespace mp::server
