// Processes campaign for a lock with a lease, and whoever has it leads and writes a file. One that
// was stopped for too long does not know that another leads by now: the file's keeper does, by the
// fencing token that each grant of the lock has.
//
// What the manager keeps needs no such keeper: dict.fenced_by(leadership, token)["price"] = …

#include <mp/mp.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <system_error>
#include <utility>

using namespace std::chrono_literals;

// Only one process at a time has one for the same path. The kernel frees it of whoever dies.
class FileLock {
 public:
  explicit FileLock(const std::string& path)
      : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (file_ < 0 || ::flock(file_, LOCK_EX) != 0)
      throw std::system_error(errno, std::generic_category(), path);
  }
  ~FileLock() { ::close(file_); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int file_;
};

// A value in a file, with the highest token that anybody has shown who wrote it.
class Store {
 public:
  explicit Store(std::string path) : path_(std::move(path)) {}

  // False, and nothing is written, if somebody with a higher token has.
  bool write(std::uint64_t token, const std::string& value) const {
    const FileLock guard(path_ + ".lock");
    if (token < read().first) return false;
    std::ofstream file(path_ + ".new");
    file.exceptions(std::ios::failbit | std::ios::badbit);
    file << token << '\n' << value << '\n';
    file.close();
    std::filesystem::rename(path_ + ".new", path_);  // whole, or not at all
    return true;
  }

  std::pair<std::uint64_t, std::string> read() const {
    std::pair<std::uint64_t, std::string> found;
    std::ifstream file(path_);
    if (file >> found.first >> std::ws) std::getline(file, found.second);
    return found;
  }

 private:
  std::string path_;
};

using Orders = mp::QueueProxy<std::string>;  // an empty one: there are no more
using News = mp::QueueProxy<std::string>;

// Ends once there are no more orders, or another leads. Either way its end gives up the lock.
void campaign(const std::string& name, const mp::LockProxy& leadership, const Store& store,
              const Orders& orders, const News& news) {
  leadership.acquire({.lease = 200ms});
  const std::uint64_t token = leadership.token();
  const auto tell = [&](const std::string& what) { news.put(name + what); };
  tell(leadership.previous_owner_died() ? " leads: the leader did not come back"
                                        : " leads: there was no leader");
  for (std::string order = orders.get(); !order.empty(); order = orders.get()) {
    if (!store.write(token, order)) {
      tell(" is refused, leads no more, and did not write: " + order);
      return;
    }
    tell(" wrote: " + order);
  }
}

int main() {
  const auto folder =
      std::filesystem::temp_directory_path() / ("leader." + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  const Store store(folder / "price");

  mp::Manager manager;
  const mp::LockProxy leadership = manager.lock();
  const News news = manager.queue<std::string>();
  const auto tell = [&] { std::cout << news.get() << std::endl; };

  const Orders to_alice = manager.queue<std::string>();
  mp::Process alice(campaign, "alice", leadership, store, to_alice, news);
  alice.start();
  tell();
  to_alice.put("10 coins");
  tell();

  ::kill(*alice.pid(), SIGSTOP);
  std::cout << "alice is stopped" << std::endl;

  const Orders to_bob = manager.queue<std::string>();
  mp::Process bob(campaign, "bob", leadership, store, to_bob, news);
  bob.start();
  tell();  // once the lease of alice is over
  to_bob.put("12 coins");
  tell();

  std::cout << "alice goes on" << std::endl;
  to_alice.put("11 coins");
  ::kill(*alice.pid(), SIGCONT);
  tell();
  for (const Orders& orders : {to_alice, to_bob}) orders.put("");
  alice.join();
  bob.join();

  std::cout << "the store holds: " << store.read().second << '\n';
  std::filesystem::remove_all(folder);
}
