#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "mp/batch.h"
#include "mp/lane.h"
#include "mp/manager_options.h"
#include "mp/object_factory.h"
#include "mp/time_limit.h"

namespace mp {

namespace internal {
class InnerManager;
}  // namespace internal

// How a manager on another machine is known, and this node to it: paths of PEM files; empty: none.
struct TlsOptions {
  std::string ca{};           // the authority that has signed the manager's certificate
  std::string certificate{};  // the chain that is shown to the manager, where it demands one
  std::string key{};

  bool on() const { return !ca.empty() || !certificate.empty(); }
};

struct ConnectOptions {
  std::string token{};                           // the manager's access token, where it demands one
  TimeLimit timeout = std::chrono::seconds(10);  // for the first connection
  Lane lane = Lane::kLocal;
  LaneSpin spin{};   // of this program's threads; how the manager waits, its flags say
  TlsOptions tls{};  // of a manager that is reached over TCP
};

// A manager: a server whose objects of all kinds are shared by whoever has a proxy to them; it
// makes them with the methods of ObjectFactory.
//
// Python: multiprocessing.Manager(), and BaseManager's start() and connect(). To serve in this very
// process, as get_server().serve_forever() does, see mp/manager_server.h.
//
// Errors: what mp::Proxy says of all operations. Blocks: each method for one round trip.
// Thread-safety: all methods, from any thread. After fork: works in the child, which has a session
// of its own. To a child of another start method proxies can be sent, and address(), to connect to.
//
//   mp::Manager manager;                                       // starts its own server process
//   auto d = manager.dict();
//   auto remote = mp::Manager::connect("127.0.0.1:50051");
//   auto scores = remote.dict<std::string, int>("scores");
class Manager : public ObjectFactory {
 public:
  // An embedded manager: a server process of this program's own, which ends with this object, or
  // with this process, however it ends. Python: Manager(), start(). It is forked where this process
  // has no other thread yet, and else a program of its own: mp-manager, found as
  // $MP_MANAGER_PROGRAM, beside this program, in ../bin from there, or on $PATH. Errors:
  // ProcessError if there is none, if the address is taken, or if the initializer throws or can't
  // be run, there being threads; ValueError for an address beyond this host, or a spin beyond its
  // limits.
  Manager() : Manager(ManagerOptions()) {}
  explicit Manager(const ManagerOptions& options);

  // A manager that runs already, at "HOST:PORT" or "unix:/path/of/its/socket". Where it is on
  // another host, the first process that asks starts this node's relay to it: `mp-manager --relay`,
  // found as above. A relay that nobody uses ends after a minute.
  // Python: BaseManager(address, authkey).connect(). Errors: ManagerUnavailable if it does not
  // answer within the timeout, or no relay can be started; AuthenticationError if the token is
  // wrong; ValueError if the address is none, or the spin beyond its limits.
  static Manager connect(std::string_view address, const ConnectOptions& options = {});

  ~Manager();
  Manager(Manager&&) noexcept;
  Manager& operator=(Manager&&) noexcept;
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  // Where other processes of this user on this host can connect to it; of one that was given an
  // address, that.
  const std::string& address() const;

  // Ends an embedded manager: asks it to, and kills it after `timeout`. Of one that was connected
  // to, ends this process's session only. Idempotent. Python: shutdown().
  void shutdown(TimeLimit timeout = std::chrono::seconds(1));
  // Waits until an embedded manager has ended; false after the timeout. Python: join(timeout).
  // Errors: ProcessError of one that was connected to, or is another process's.
  bool join(TimeLimit timeout = None);

  // An empty batch: operations on several objects that happen together or not at all.
  Batch batch() const;

  // Removes an object that has a name; who waits for it gets NoSuchObject. Errors: NoSuchObject.
  void remove(std::string_view name) const;
  // Gives an object another name; proxies to it go on. Errors: NoSuchObject; AlreadyExists.
  void rename(std::string_view name, std::string_view new_name) const;

  // How many objects there are, after the removal of those that nobody can reach. Python:
  // manager._number_of_objects().
  std::size_t number_of_objects() const;
  // A line for each object: what it is, its length, who refers to it and how many wait. Python:
  // manager._debug_info().
  std::string debug_info() const;

 private:
  friend class internal::InnerManager;
  explicit Manager(std::shared_ptr<internal::ManagerState> state);
};

}  // namespace mp
