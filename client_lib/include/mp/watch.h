#pragma once

#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mp/any.h"
#include "mp/internal/watch_reader.h"
#include "mp/none.h"
#include "mp/proxy/dict.h"
#include "mp/proxy/list.h"
#include "mp/proxy/namespace.h"
#include "mp/proxy/set.h"
#include "mp/proxy/shared_array.h"
#include "mp/proxy/shared_value.h"
#include "mp/time_limit.h"
#include "mp/wire/message.h"

namespace mp {

// What happened to one key: of a dict, a namespace's attribute, an index of a list or an array, an
// item of a set (which is its own value). A Value has no key.
template <class K, class V>
struct Change {
  std::optional<K> key{};
  std::optional<V> old_value{};  // nullopt: there was nothing, or it was not asked for
  std::optional<V> new_value{};  // nullopt: there is nothing now, or it was not asked for
};

// What one operation, or one batch, did to a watched object.
template <class K = Any, class V = Any>
struct WatchEvent {
  std::uint64_t version = 0;  // which the object has since then
  std::string operation{};    // "mp.v1.Dict/Set"; empty: none did it, as when somebody died
  std::vector<Change<K, V>> changes{};  // in order; none where the kind has no keys
  bool everything = false;              // more has changed than is told: any key may have
  bool resync = false;   // events were lost: read the object again, it is at this version or later
  bool deleted = false;  // the last event: the object is gone
};

namespace internal {

// The keys and values of what can be watched.
template <class P>
struct WatchedTypes {
  using Key = Any;
  using Value = Any;
};
template <class K, class V>
struct WatchedTypes<DictProxy<K, V>> {
  using Key = K;
  using Value = V;
};
template <class T>
struct WatchedTypes<ListProxy<T>> {
  using Key = std::int64_t;
  using Value = T;
};
template <class T>
struct WatchedTypes<SetProxy<T>> {
  using Key = T;
  using Value = T;
};
template <>
struct WatchedTypes<NamespaceProxy> {
  using Key = std::string;
  using Value = Any;
};
template <SharedNumber T>
struct WatchedTypes<ValueProxy<T>> {
  using Key = NoneType;
  using Value = PlainNumber<T>;
};
template <SharedNumber T>
struct WatchedTypes<ArrayProxy<T>> {
  using Key = std::int64_t;
  using Value = PlainNumber<T>;
};

template <class K, class V>
Change<K, V> decode_change(wire::Fields fields) {
  Change<K, V> change;
  while (fields.next()) {
    if (fields.field() == 1) change.key = fields.value<K>();
    if (fields.field() == 2) change.old_value = fields.value<V>();
    if (fields.field() == 3) change.new_value = fields.value<V>();
  }
  return change;
}

template <class K, class V>
WatchEvent<K, V> decode_event(const WatchReader::Event& raw) {
  WatchEvent<K, V> event;
  for (wire::Fields fields = raw.fields(); fields.next();) {
    switch (fields.field()) {
      case 2:
        event.version = fields.uint();
        break;
      case 3:
        event.operation = fields.bytes();
        break;
      case 4:
        event.changes.push_back(decode_change<K, V>(fields.message()));
        break;
      case 5:
        event.everything = fields.boolean();
        break;
      case 6:
        event.resync = fields.boolean();
        break;
      case 7:
        event.deleted = fields.boolean();
        break;
      default:
        break;
    }
  }
  return event;
}

// The same of an event that may hold what is no K or V.
template <class K, class V>
WatchEvent<K, V> decode_what_can_be(const WatchReader::Event& raw) {
  try {
    return decode_event<K, V>(raw);
  } catch (const Error&) {
    auto as_it_is = decode_event<Any, Any>(raw);
    WatchEvent<K, V> event;
    event.version = as_it_is.version;
    event.operation = std::move(as_it_is.operation);
    event.everything = true;
    event.resync = as_it_is.resync;
    event.deleted = as_it_is.deleted;
    return event;
  }
}

}  // namespace internal

template <class K = Any>
struct WatchOptions {
  std::vector<K> keys{};                  // only changes of these; none: of all
  bool old_values = false;                // changes tell what was there
  bool new_values = false;                // and what is there now
  std::optional<WatchPosition> resume{};  // what happened since then; nullopt: from now on
  // Of a watch that is shared by name, and stays after its session: see Watch. If there is one, it
  // goes on as it was made.
  std::string name{};
};

// The events of one object's changes, in order and without gaps; made by Manager::watch(). Python
// has none.
//
// The manager keeps a bounded number of an object's last events. Who falls behind that gets one
// event with `resync`, and then those that follow.
//
// Copies share one place in the events: each event goes to one of them. Nothing runs by itself: as
// long as nobody calls next(), or anything else where on_change() was called, nothing is read.
//
// A watch with a name is for all who ask for it by that name, in whatever process and one after the
// other: who comes next goes on where the last one ended. Events are read one by one, and one
// counts as read once its reader has asked for the next one, or ended in order: who is killed
// before leaves it to the next reader. manager.remove() ends it. Without a name, position() can be
// kept, and given to a later watch.
//
// Thread-safety: all methods, from any thread; who calls next() waits for its turn. After fork: the
// child reads on from where its parent was then, by a watch of its own, and without its callbacks.
//
//   auto watch = manager.watch(scores, {.new_values = true});
//   while (auto event = watch.next(1s))
//     for (const auto& change : event->changes) std::cout << *change.key << '\n';
template <class K = Any, class V = Any>
class Watch {
 public:
  using Event = WatchEvent<K, V>;

  class Iterator {
   public:
    using value_type = Event;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    explicit Iterator(const Watch& watch) : watch_(watch) { ++*this; }
    const Event& operator*() const { return *event_; }
    const Event* operator->() const { return &*event_; }
    Iterator& operator++() {
      const bool over = event_ && event_->deleted;
      event_ = over ? std::nullopt : watch_->next();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& at, std::default_sentinel_t) { return !at.event_; }

   private:
    std::optional<Watch> watch_;
    std::optional<Event> event_;
  };

  explicit Watch(std::shared_ptr<internal::WatchReader> reader) : reader_(std::move(reader)) {}

  // The next event; nullopt after the timeout. After a lost session it goes on where it was, or
  // with a resync; of a watch with a name the last event may come again.
  // Blocks: until there is one, at most `timeout`. Errors: NoSuchObject after the event that says
  // that the object is deleted, or if the manager was started anew since; ValueError if the events
  // go to a callback.
  std::optional<Event> next(TimeLimit timeout = None) const {
    const auto event = reader_->next(timeout.nanoseconds());
    if (!event) return std::nullopt;
    return internal::decode_event<K, V>(*event);
  }

  // Goes through the events as they come, to the one that says that the object is deleted.
  Iterator begin() const { return Iterator(*this); }
  std::default_sentinel_t end() const { return {}; }

  // Up to where events were given; for WatchOptions::resume. Version 0 of a watch with a name that
  // others have read before, until it has given one.
  WatchPosition position() const { return reader_->position(); }

  // From now on each event goes to the callback, on the thread whose reply brought the news, before
  // that reply returns to its caller: who has seen a reply of this process has heard of everything
  // that happened before it, on whatever object. So long as nobody calls, nothing is told.
  //
  // The callback may use the manager; what its own calls bring is told when it has returned, after
  // the events before. Other threads whose replies bring news wait for it: it must not wait for
  // them. An event whose keys or values are none of its types, as somebody else may have written
  // them, comes as `everything`, without changes. That the object is gone with its manager, which
  // was started anew, comes as `deleted`. What the callback throws ends the program. It is called
  // no more once the last copy of this Watch is gone, or the watch itself, if it has a name and was
  // removed; and not in forked children. Where others read the watch by its name, each event goes
  // to one of them. Errors: ValueError if there is a callback already.
  void on_change(std::function<void(const Event&)> callback) const {
    reader_->on_change([callback = std::move(callback)](const internal::WatchReader::Event& event) {
      callback(internal::decode_what_can_be<K, V>(event));
    });
  }

 private:
  std::shared_ptr<internal::WatchReader> reader_;
};

namespace internal {

template <class P>
using WatchOf = Watch<typename WatchedTypes<P>::Key, typename WatchedTypes<P>::Value>;

template <class P>
WatchOf<P> watch(const P& proxy, const WatchOptions<typename WatchedTypes<P>::Key>& options) {
  wire::Scratch filter;
  for (const auto& key : options.keys) filter->value(5, key);
  if (options.old_values) filter->boolean(6, true);
  if (options.new_values) filter->boolean(7, true);
  return WatchOf<P>(watch(
      proxy.remote(),
      {.name = options.name, .filter = std::string(filter->bytes()), .resume = options.resume}));
}

}  // namespace internal
}  // namespace mp
