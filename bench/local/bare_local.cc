// What the system itself offers, bare: the floor for mp's local half.

#include <pthread.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <new>
#include <stdexcept>

#include "bench/local/items.h"
#include "bench/local/local_bench.h"

namespace mp::bench {
namespace {

template <class T>
T& shared() {
  void* const memory =
      ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("no memory to share");
  return *new (memory) T();
}

Sample lock(double seconds) {
  auto& mutex = shared<pthread_mutex_t>();
  pthread_mutexattr_t attributes;
  ::pthread_mutexattr_init(&attributes);
  ::pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  ::pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  ::pthread_mutex_init(&mutex, &attributes);
  return repeat(seconds, [&] {
    ::pthread_mutex_lock(&mutex);
    ::pthread_mutex_unlock(&mutex);
  });
}

Sample value_add(double seconds) {
  auto& value = shared<std::atomic<std::int64_t>>();
  return repeat(seconds, [&] { value.fetch_add(1); });
}

void exchange_once(int socket) {
  std::array<char, kMessage.size()> message{};
  if (::send(socket, kMessage.data(), kMessage.size(), MSG_NOSIGNAL) < 0 ||
      ::recv(socket, message.data(), message.size(), 0) != static_cast<ssize_t>(message.size()))
    throw std::runtime_error("the other end is gone");
}

Sample pipe(double seconds) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) throw std::runtime_error("no socket pair");
  Partner partner([&] {
    ::close(ends[0]);
    std::array<char, kMessage.size()> message{};
    while (::recv(ends[1], message.data(), message.size(), 0) > 0)
      ::send(ends[1], message.data(), message.size(), MSG_NOSIGNAL);
  });
  ::close(ends[1]);
  const Sample sample = repeat(seconds, [&] { exchange_once(ends[0]); });
  ::close(ends[0]);
  partner.join();
  return sample;
}

void await(pid_t child) {
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0)
    throw std::runtime_error("the child failed");
}

Sample fork_and_wait(double seconds) {
  return repeat(seconds, [] {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    await(child);
  });
}

Sample spawn_and_wait(double seconds) {
  return repeat(seconds, [] {
    std::array<char, 16> name{"bench"};
    std::string only_start = kOnlyStart;
    std::array<char*, 3> arguments{name.data(), only_start.data(), nullptr};
    pid_t child = -1;
    if (::posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, arguments.data(), environ) != 0)
      throw std::runtime_error("posix_spawn failed");
    await(child);
  });
}

}  // namespace
}  // namespace mp::bench

int main(int argc, char** argv) {
  namespace bench = mp::bench;
  if (bench::is_only_started(argc, argv)) return 0;
  return bench::run_local(argc, argv,
                          {
                              {"local-lock", bench::lock},
                              {"local-value", bench::value_add},
                              {"local-pipe", bench::pipe},
                              {"local-fork", bench::fork_and_wait},
                              {"local-spawn", bench::spawn_and_wait},
                          });
}
