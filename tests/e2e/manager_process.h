#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace mp::e2e {

// A folder that goes with its contents.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  // The path of a file with these contents.
  std::string write(const std::string& name, const std::string& contents) const;

 private:
  std::string path_;
};

std::string contents_of(const std::string& path);

// A real mp-manager as a child process, on any free port of loopback and a socket of its own unless
// `flags` say otherwise. It is killed with this.
class ManagerProcess {
 public:
  // Returns once it serves, or has ended.
  explicit ManagerProcess(std::vector<std::string> flags = {});
  ~ManagerProcess();
  ManagerProcess(const ManagerProcess&) = delete;
  ManagerProcess& operator=(const ManagerProcess&) = delete;

  const std::string& address() const { return address_; }
  const std::string& socket() const { return socket_; }
  pid_t pid() const { return pid_; }

  void signal(int number) const;
  // Waits for its end. Its exit status, or minus the number of the signal that killed it.
  int wait();
  // What it wrote to stderr so far.
  std::string log() const { return contents_of(folder_.file("log")); }
  std::size_t threads() const;

 private:
  TemporaryFolder folder_;
  std::string address_;
  std::string socket_;
  pid_t pid_ = -1;
};

}  // namespace mp::e2e
