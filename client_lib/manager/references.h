#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace mp::internal {

class References;

// What this process holds of one object: as many references as the manager has counted to this
// session. When the last proxy goes, they are given back.
class Reference {
 public:
  Reference(std::shared_ptr<References> table, std::uint64_t id)
      : table_(std::move(table)), id_(id) {}
  ~Reference();
  Reference(const Reference&) = delete;
  Reference& operator=(const Reference&) = delete;
  std::uint64_t id() const { return id_; }

 private:
  friend class References;
  const std::shared_ptr<References> table_;
  const std::uint64_t id_;
  std::uint32_t count_ = 0;  // guarded by the table's mutex
};

// The references of one session, by object. Releases are queued and leave with the next frame; a
// destructor of a proxy waits for nothing.
//
// Thread-safe.
class References : public std::enable_shared_from_this<References> {
 public:
  struct Release {
    std::uint64_t id;
    std::uint32_t count;
  };

  // The manager has counted one more reference to this object.
  std::shared_ptr<Reference> granted(std::uint64_t id);
  // A handle to an object that is referred to already, or null.
  std::shared_ptr<Reference> find(std::uint64_t id);
  // A handle that holds no reference: to an object that was named by no outcome of ours.
  std::shared_ptr<Reference> unowned(std::uint64_t id);
  // What is to be given back since the last call.
  std::vector<Release> take_releases();
  // The ids of all objects that are referred to.
  std::vector<std::uint64_t> ids();
  // Another session holds `count` references to each from now on: 1 in a child, 0 after the session
  // was lost.
  void set_counts(std::uint32_t count);

  // Around a fork, so that the child finds it in one piece, and free.
  void lock_for_fork() { mutex_.lock(); }
  void unlock_after_fork() { mutex_.unlock(); }

 private:
  friend class Reference;
  void drop(std::uint64_t id, std::uint32_t count);

  std::mutex mutex_;
  std::map<std::uint64_t, std::weak_ptr<Reference>> table_;
  std::vector<Release> releases_;
};

}  // namespace mp::internal
