#include "bench/manager_operations.h"

#include <array>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace mp::bench {
namespace {

struct Row {
  std::string_view name;
  Repeated (*make)(const Manager&);
};

constexpr std::size_t kItems = 100;  // of the containers that are asked for one of them
constexpr std::int64_t kIndex = 42;
constexpr std::size_t kKibi = 1024;
constexpr std::size_t kNumbers = 1'000'000;  // of a slice

void require(bool right) {
  if (!right) throw std::runtime_error("a wrong result");
}

ListProxy<std::string> list_of(const Manager& manager) {
  auto list = manager.list<std::string>("bench, list");
  if (list.empty()) list.extend(std::vector<std::string>(kItems, kValue));
  return list;
}

// Set and got in turn.
Repeated values_of(const Manager& manager, std::size_t bytes) {
  return {[dict = manager.dict<std::string, std::string>("bench, values"),
           value = std::string(bytes, 'v')] {
            dict[kKey] = value;
            require(dict[kKey] == value);
          },
          2};
}

// Several values of a dict by one command, each key asked for once.
Repeated many_of(const Manager& manager) {
  constexpr std::size_t kMany = 200;  // as many as are in flight elsewhere
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < kMany; ++i) keys.push_back(kKey + "." + std::to_string(i));
  const auto dict = manager.dict<std::string, std::string>("bench, many");
  for (const std::string& key : keys) dict[key] = kValue;
  return {[dict, keys] { require(dict.get_many(keys).size() == keys.size()); }, kMany};
}

// Without types: what is there is found out when it has come.
Repeated untyped_get(const Manager& manager) {
  const auto dict = manager.dict("bench, without types");
  dict[kKey] = kValue;
  return {[dict] { require(dict.at(kKey) == Any(kValue)); }};
}

constexpr auto kContainers = std::to_array<Row>({
    {"values-1k", [](const Manager& manager) { return values_of(manager, kKibi); }},
    {"values-64k", [](const Manager& manager) { return values_of(manager, 64 * kKibi); }},
    {"many", many_of},
    {"untyped", untyped_get},
    {"list-get",
     [](const Manager& manager) -> Repeated {
       return {[list = list_of(manager)] { require(list[kIndex] == kValue); }};
     }},
    {"list-set",
     [](const Manager& manager) -> Repeated {
       return {[list = list_of(manager)] { list[kIndex] = kValue; }};
     }},
    {"set-contains",
     [](const Manager& manager) -> Repeated {
       auto set = manager.set<std::string>("bench, set");
       set.add(kKey);
       return {[set] { require(set.contains(kKey)); }};
     }},
    {"set-add",
     [](const Manager& manager) -> Repeated {
       return {[set = manager.set<std::string>("bench, set to change")] {
                 require(set.add(kKey));
                 require(set.discard(kKey));
               },
               2};
     }},
    {"namespace-get",
     [](const Manager& manager) -> Repeated {
       auto space = manager.namespace_("bench, namespace");
       space.set("user", kValue);
       return {[space] { require(space.get<std::string>("user") == kValue); }};
     }},
    {"namespace-set",
     [](const Manager& manager) -> Repeated {
       return {[space = manager.namespace_("bench, namespace")] { space.set("user", kValue); }};
     }},
    {"custom",  // of a manager that has the type: custom_server.cc
     [](const Manager& manager) -> Repeated {
       return {[counter = manager.create("Counter", named("bench, own counter"))] {
         require(counter.call<std::int64_t>("increment", 1) > 0);
       }};
     }},
    {"queue",
     [](const Manager& manager) -> Repeated {
       return {[queue = manager.queue<std::string>("bench, queue")] {
                 queue.put(kValue);
                 require(queue.get() == kValue);
               },
               2};
     }},
});

constexpr auto kNumberRows = std::to_array<Row>({
    {"value-get",
     [](const Manager& manager) -> Repeated {
       return {[value = manager.value<double>("bench, value", 0.5)] { require(value == 0.5); }};
     }},
    {"value-add",
     [](const Manager& manager) -> Repeated {
       return {[value = manager.value<std::int64_t>("bench, counter")] { value.fetch_add(1); }};
     }},
    {"array-get",
     [](const Manager& manager) -> Repeated {
       return {[array = manager.array<double>("bench, array", kItems)] {
         require(array[kIndex] == 0.0);
       }};
     }},
    {"array-set",
     [](const Manager& manager) -> Repeated {
       return {[array = manager.array<double>("bench, array to change", kItems)] {
         array[kIndex] = 0.5;
       }};
     }},
    {"slice-get",
     [](const Manager& manager) -> Repeated {
       return {[array = manager.array<double>("bench, slice", kNumbers)] {
         require(array.copy().size() == kNumbers);
       }};
     }},
    {"slice-set",
     [](const Manager& manager) -> Repeated {
       return {[array = manager.array<double>("bench, slice", kNumbers),
                numbers = std::vector<double>(kNumbers)] { array.set_slice(Slice(), numbers); }};
     }},
});

template <class Lock>
Repeated acquire_and_release(Lock lock) {
  return {[lock = std::move(lock)] {
            require(lock.acquire());
            lock.release();
          },
          2};
}

constexpr auto kSynchronisation = std::to_array<Row>({
    {"lock", [](const Manager& manager) { return acquire_and_release(manager.lock("b, lock")); }},
    {"rlock",
     [](const Manager& manager) { return acquire_and_release(manager.rlock("b, rlock")); }},
    {"semaphore",
     [](const Manager& manager) {
       return acquire_and_release(manager.semaphore("b, semaphore", {.value = 4}));
     }},
    {"condition",
     [](const Manager& manager) -> Repeated {
       auto condition = manager.condition("b, condition");
       require(condition.acquire());
       return {[condition] { require(condition.notify() == 0); }};
     }},
    {"event",
     [](const Manager& manager) -> Repeated {
       return {[event = manager.event("b, event")] { require(!event.is_set()); }};
     }},
});

constexpr auto kWatches = std::to_array<Row>({
    {"watch", [](const Manager& manager) { return watched_by(manager, 1); }},
    {"watch-100", [](const Manager& manager) { return watched_by(manager, 100); }},
    {"near-cache", [](const Manager& manager) { return near_cache_hits(manager); }},
});

}  // namespace

Repeated repeated_of(const Manager& manager, const std::string& what) {
  using Rows = std::span<const Row>;
  for (const Rows rows :
       {Rows(kContainers), Rows(kNumberRows), Rows(kSynchronisation), Rows(kWatches)}) {
    for (const Row& row : rows) {
      if (row.name == what) return row.make(manager);
    }
  }
  throw std::runtime_error("there is no workload '" + what + "'");
}

namespace {

// Gives them to `store` in batches.
template <class Item, class Store>
void in_batches(std::size_t count, const std::function<Item(std::size_t)>& item, Store store) {
  constexpr std::size_t kAtOnce = 1000;
  std::vector<Item> batch;
  for (std::size_t i = 0; i < count; ++i) {
    batch.push_back(item(i));
    if (batch.size() < kAtOnce && i + 1 < count) continue;
    store(batch);
    batch.clear();
  }
}

}  // namespace

void fill(const Manager& manager, const Filling& filling) {
  const std::size_t count = filling.count;
  std::size_t size = 0;
  if (filling.into == "dict") {
    using Entry = std::pair<std::int64_t, std::string>;
    const auto dict = manager.dict<std::int64_t, std::string>("bench, many entries");
    const auto entry = [&](std::size_t i) {
      return Entry(static_cast<std::int64_t>(i), filling.item(i));
    };
    in_batches<Entry>(count, entry, [&](const auto& batch) { dict.update(batch); });
    size = dict.size();
  } else if (filling.into == "list") {
    const auto list = manager.list<std::string>("bench, many items");
    in_batches<std::string>(count, filling.item, [&](const auto& batch) { list.extend(batch); });
    size = list.size();
  } else if (filling.into == "set") {
    const auto set = manager.set<std::string>("bench, many members");
    in_batches<std::string>(count, filling.item, [&](const auto& batch) { set.update(batch); });
    size = set.size();
  } else if (filling.into == "queue") {
    const auto queue = manager.queue<std::string>("bench, many in line");
    in_batches<std::string>(count, filling.item, [&](const auto& batch) { queue.put_many(batch); });
    size = queue.size();
  } else if (filling.into == "array") {
    size = manager.array<double>("bench, many numbers", count).size();
  }
  if (size != count) throw std::runtime_error("not all is in the " + filling.into);
}

}  // namespace mp::bench
