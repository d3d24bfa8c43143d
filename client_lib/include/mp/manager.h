#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>

#include "mp/any.h"
#include "mp/batch.h"
#include "mp/codec.h"
#include "mp/proxy/dict.h"
#include "mp/proxy/list.h"
#include "mp/proxy/lock.h"
#include "mp/proxy/queue.h"
#include "mp/wire/message.h"
#include "mp/wire/operation.h"

namespace mp {

namespace internal {
class ManagerState;
}  // namespace internal

// What to do about a name that is taken.
enum class Create : std::uint8_t {
  kGetOrCreate,   // the existing object is the result, if it is of the same kind
  kMustNotExist,  // AlreadyExists
};

// How a manager on another machine is known, and this node to it: paths of PEM files; empty: none.
struct TlsOptions {
  std::string ca{};           // the authority that has signed the manager's certificate
  std::string certificate{};  // the chain that is shown to the manager, where it demands one
  std::string key{};

  bool on() const { return !ca.empty() || !certificate.empty(); }
};

// The road that commands take to a manager.
enum class Lane : std::uint8_t {
  // A Unix socket: the manager's own on this host, else that of this node's relay to it, which
  // mp::Manager::connect starts if it does not run. Works in forked children.
  kLocal,
  // gRPC in this process, over TCP, with threads of its own: one hop less to another machine. A
  // forked child can't use it (ForkedClientError), nor any gRPC of its own.
  kInProcess,
};

struct ConnectOptions {
  std::string token{};  // the manager's access token, where it demands one
  std::chrono::nanoseconds timeout = std::chrono::seconds(10);  // for the first connection
  Lane lane = Lane::kLocal;
  TlsOptions tls{};  // of a manager that is reached over TCP
};

struct QueueOptions {
  std::uint64_t maxsize = 0;  // items; 0: bounded only by the manager's limit
  Create create = Create::kGetOrCreate;
};

// A manager: a server whose dicts, lists, queues and locks are shared by whoever has a proxy to
// them.
//
// Python: multiprocessing.Manager() and BaseManager.connect(). An object without a name belongs to
// the processes that have a proxy to it, and goes when the last of them lets go; an object with a
// name stays until it is deleted, and whoever asks for the name gets it.
//
// Errors: what mp::Proxy says of all operations. Blocks: each factory for one round trip.
// Thread-safety: all methods, from any thread. After fork: works in the child, which has a session
// of its own.
//
//   mp::Manager manager;                                       // starts its own server process
//   auto d = manager.dict();
//   auto remote = mp::Manager::connect("127.0.0.1:50051");
//   auto scores = remote.dict<std::string, int>("scores");
class Manager {
 public:
  // An embedded manager: a server process of this program's own, which ends with this object, or
  // with this process, however it ends. Python: Manager(). It is forked where this process has no
  // other thread yet, and else a program of its own: mp-manager, found as $MP_MANAGER_PROGRAM,
  // beside this program, or on $PATH. Errors: ProcessError if there is none.
  Manager();

  // A manager that runs already, at "HOST:PORT" or "unix:/path/of/its/socket". Where it is on
  // another host, the first process that asks starts this node's relay to it: `mp-manager --relay`,
  // found as $MP_MANAGER_PROGRAM, beside this program, or on $PATH. A relay that nobody uses ends
  // after a minute. Python: BaseManager(address, authkey).connect(). Errors: ManagerUnavailable if
  // it does not answer within the timeout, or no relay can be started; AuthenticationError if the
  // token is wrong.
  static Manager connect(std::string_view address, const ConnectOptions& options = {});

  ~Manager();
  Manager(Manager&&) noexcept;
  Manager& operator=(Manager&&) noexcept;
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  // Where other processes of this user on this host can connect to it.
  const std::string& address() const;

  // Ends an embedded manager: asks it to, and kills it after `timeout`. Of one that was connected
  // to, ends this process's session only. Idempotent. Python: shutdown().
  void shutdown(std::chrono::nanoseconds timeout = std::chrono::seconds(1));

  // An empty batch: operations on several objects that happen together or not at all.
  Batch batch() const;

  // A new dict, empty or with these entries. Python: manager.dict().
  template <class K = Any, class V = Any>
  DictProxy<K, V> dict() const {
    return DictProxy<K, V>(create(wire::Operation::kDictCreate, "dict", {}, {}, {}));
  }
  template <class K = Any, class V = Any>
  DictProxy<K, V> dict(std::initializer_list<std::pair<K, V>> entries) const {
    return DictProxy<K, V>(create_with_entries({}, entries, Create::kGetOrCreate));
  }
  template <class K = Any, class V = Any, std::ranges::input_range Entries>
  requires(!std::convertible_to<Entries, std::string_view>) DictProxy<K, V> dict(Entries&& entries)
  const {
    return DictProxy<K, V>(
        create_with_entries({}, std::forward<Entries>(entries), Create::kGetOrCreate));
  }
  // The dict of this name, made if there is none.
  // Errors: WrongKind if the name is another object's, AlreadyExists.
  template <class K = Any, class V = Any>
  DictProxy<K, V> dict(std::string_view name, Create mode = Create::kGetOrCreate) const {
    return DictProxy<K, V>(create(wire::Operation::kDictCreate, "dict", name, mode, {}));
  }

  // A new list, empty or with these values. Python: manager.list().
  template <class T = Any>
  ListProxy<T> list() const {
    return ListProxy<T>(create(wire::Operation::kListCreate, "list", {}, {}, {}));
  }
  template <class T = Any>
  ListProxy<T> list(std::initializer_list<T> values) const {
    return ListProxy<T>(create_with_values({}, values, Create::kGetOrCreate));
  }
  template <class T = Any, std::ranges::input_range Values>
  requires(!std::convertible_to<Values, std::string_view>) ListProxy<T> list(Values&& values)
  const {
    return ListProxy<T>(create_with_values({}, std::forward<Values>(values), Create::kGetOrCreate));
  }
  // The list of this name, made if there is none.
  // Errors: WrongKind if the name is another object's, AlreadyExists.
  template <class T = Any>
  ListProxy<T> list(std::string_view name, Create mode = Create::kGetOrCreate) const {
    return ListProxy<T>(create(wire::Operation::kListCreate, "list", name, mode, {}));
  }

  // A new queue, or the queue of this name. Python: manager.Queue(maxsize).
  // Errors: WrongKind if the name is another object's, AlreadyExists.
  template <class T = Any>
  QueueProxy<T> queue(QueueOptions options = {}) const {
    return queue<T>(std::string_view(), options);
  }
  template <class T = Any>
  QueueProxy<T> queue(std::string_view name, QueueOptions options = {}) const {
    wire::Scratch request;
    request->uint(3, options.maxsize);
    return QueueProxy<T>(
        create(wire::Operation::kQueueCreate, "queue", name, options.create, request->bytes()));
  }

  // A new lock, or the lock of this name. Python: manager.Lock().
  // Errors: WrongKind if the name is another object's, AlreadyExists.
  LockProxy lock() const {
    return LockProxy(create(wire::Operation::kLockCreate, "lock", {}, {}, {}));
  }
  LockProxy lock(std::string_view name, Create mode = Create::kGetOrCreate) const {
    return LockProxy(create(wire::Operation::kLockCreate, "lock", name, mode, {}));
  }

  // Removes an object that has a name; who waits for it gets NoSuchObject. Errors: NoSuchObject.
  void remove(std::string_view name) const;

 private:
  explicit Manager(std::shared_ptr<internal::ManagerState> state);

  // `contents`: further fields of the request.
  std::shared_ptr<const internal::RemoteObject> create(wire::Operation operation,
                                                       std::string_view kind, std::string_view name,
                                                       Create mode,
                                                       std::string_view contents) const;

  template <class Values>
  std::shared_ptr<const internal::RemoteObject> create_with_values(std::string_view name,
                                                                   Values&& values,
                                                                   Create mode) const {
    wire::Scratch request;
    for (auto&& value : values) request->value(3, value);
    return create(wire::Operation::kListCreate, "list", name, mode, request->bytes());
  }
  template <class Entries>
  std::shared_ptr<const internal::RemoteObject> create_with_entries(std::string_view name,
                                                                    Entries&& entries,
                                                                    Create mode) const {
    wire::Scratch request;
    for (auto&& [key, value] : entries) request->entry(3, key, value);
    return create(wire::Operation::kDictCreate, "dict", name, mode, request->bytes());
  }

  std::shared_ptr<internal::ManagerState> state_;
};

}  // namespace mp
