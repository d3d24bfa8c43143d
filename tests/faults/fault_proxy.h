#pragma once

#include <list>
#include <mutex>
#include <string>
#include <thread>

namespace mp::test {

// A TCP proxy on loopback that cuts the connections through it when it is told to.
class FaultProxy {
 public:
  // Leads to `target`, "127.0.0.1:PORT".
  explicit FaultProxy(const std::string& target);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  const std::string& address() const { return address_; }
  // Resets all connections. What was on its way is lost. Returns how many there were.
  int cut();

 private:
  struct Connection {
    int client;
    int server;
    bool open = true;
    std::thread up, down;
  };

  void accept_all();
  void copy(int from, int to);

  const std::string target_;
  std::string address_;
  int listener_ = -1;
  std::mutex mutex_;
  std::list<Connection> connections_;  // guarded by mutex_
  std::thread acceptor_;
};

}  // namespace mp::test
