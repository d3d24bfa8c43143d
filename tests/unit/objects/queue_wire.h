#pragma once

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/unit/objects/harness.h"
#include "tests/unit/objects/queue_model.h"

// A queue's requests and outcomes in the terms of its model.

namespace mp::server::test {

inline v1::QueueCreateRequest asking_for(const QueueModel::Options& options) {
  v1::QueueCreateRequest request;
  request.set_maxsize(options.maxsize);
  if (options.until_confirmed) request.set_delivery(v1::UNTIL_CONFIRMED);
  request.set_close_when_producers_gone(options.close_when_producers_gone);
  request.set_order(options.order);
  request.set_max_deliveries(static_cast<std::uint64_t>(options.max_deliveries));
  return request;
}

// The items that a getter was given, by number.
inline std::map<int, QueueModel::Item> items_of(const v1::Outcome& outcome) {
  std::map<int, QueueModel::Item> items;
  const auto add = [&](const auto& item) {
    items.insert({static_cast<int>(item.item()),
                  {.value = static_cast<int>(item.value().int_()),
                   .deliveries = static_cast<int>(item.deliveries())}});
  };
  if (outcome.has_queue_get()) add(outcome.queue_get());
  for (const v1::QueueItem& item : outcome.queue_get_many().items()) add(item);
  return items;
}

// In the order in which the items are given.
inline std::string text_of(const v1::Outcome& outcome) {
  if (outcome.has_queue_join())
    return outcome.queue_join().finished() ? "finished=true" : "finished=false";
  if (outcome.has_queue_task_done())
    return absl::StrCat("unfinished=", outcome.queue_task_done().unfinished());
  std::string items;
  const auto add = [&](const auto& item) {
    absl::StrAppend(&items, items.empty() ? "" : " ", item.value().int_(), "#", item.item(), "x",
                    item.deliveries());
  };
  if (outcome.has_queue_get()) add(outcome.queue_get());
  for (const v1::QueueItem& item : outcome.queue_get_many().items()) add(item);
  return items.empty() ? text(outcome) : items;
}

}  // namespace mp::server::test
