#include "client_lib/local/guardian/guardian_launch.h"

#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <utility>

#include "client_lib/local/guardian/guardian_main.h"
#include "client_lib/local/os/ancillary.h"
#include "client_lib/local/os/pidfd.h"

// glibc's clone() by its other name: ThreadSanitizer takes a call of the first for a fork, and then
// does not watch this thread any more.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): glibc names it
extern "C" int __clone(int (*run)(void*), void* stack, int flags, void* argument, ...);

namespace mp::internal {
namespace {

int is_in_first_object(dl_phdr_info* object, std::size_t, void* address) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = object->dlpi_phdr[i];
    const std::uintptr_t begin = object->dlpi_addr + part.p_vaddr;
    if (part.p_type == PT_LOAD && wanted >= begin && wanted < begin + part.p_memsz) return 1;
  }
  return -1;  // the first one is the program; no others
}

// In a shared library, our constructor might be loaded by the program's main() only, and another
// start of the program would be just that.
bool program_has_our_constructor() {
  return ::dl_iterate_phdr(is_in_first_object,
                           reinterpret_cast<void*>(&become_guardian_if_started_as_one)) == 1;
}

// What a guardian is started with: nothing of ours but its end of the socket, no terminal, no
// signal that it could be reached by. In a session of its own it survives a signal to all of its
// parent's process group, SIGKILL included, and can then do what it is there for.
class Plan {
 public:
  explicit Plan(int socket) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    sigset_t all;
    ::sigfillset(&all);
    note(::posix_spawnattr_setsigmask(&attributes_, &all));
    note(::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID));
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      note(::posix_spawn_file_actions_addopen(&actions_, standard, "/dev/null", O_RDWR, 0));
    note(::posix_spawn_file_actions_adddup2(&actions_, socket, kGuardianSocket));
    note(::posix_spawn_file_actions_addclosefrom_np(&actions_, kGuardianSocket + 1));
  }
  ~Plan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  int error() const { return error_; }

  int spawn(pid_t& pid) const {
    std::array<char, sizeof kGuardianName> name{};
    std::memcpy(name.data(), kGuardianName, sizeof kGuardianName);
    const std::array<char*, 2> arguments = {name.data(), nullptr};
    return ::posix_spawn(&pid, "/proc/self/exe", &actions_, &attributes_, arguments.data(),
                         environ);
  }

 private:
  void note(int error) {
    if (error_ == 0) error_ = error;
  }

  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
  int error_ = 0;
};

struct Birth {
  const Plan& plan;
  int error = 0;
  pid_t pid = -1;
  Descriptor pidfd{};
};

// Runs in a process in between, which has all memory and descriptors in common with the thread that
// made it and waits for its end. Until then the guardian's process id cannot be another's.
int give_birth(void* argument) {
  Birth& birth = *static_cast<Birth*>(argument);
  birth.error = birth.plan.spawn(birth.pid);
  if (birth.error != 0) return 0;
  birth.pidfd = open_pidfd(birth.pid);
  if (birth.pidfd.is_open()) return 0;
  birth.error = errno;
  ::kill(birth.pid, SIGKILL);
  while (::waitpid(birth.pid, nullptr, 0) < 0 && errno == EINTR) continue;
  return 0;
}

// All signals of this thread, which must not run a handler in the process in between.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

// The process in between ends without a signal, so that nobody but us knows of it, and leaves the
// guardian an orphan.
int give_birth_in_between(Birth& birth) {
  constexpr std::size_t kStack = std::size_t{256} * 1024;
  void* stack = ::mmap(nullptr, kStack, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return errno;
  const SignalsBlocked blocked;
  constexpr int kNoSignal = 0;
  const pid_t between = ::__clone(&give_birth, static_cast<char*>(stack) + kStack,
                                  CLONE_VM | CLONE_VFORK | CLONE_FILES | kNoSignal, &birth);
  const int error = between < 0 ? errno : birth.error;
  while (between > 0 && ::waitpid(between, nullptr, __WCLONE) < 0 && errno == EINTR) continue;
  ::munmap(stack, kStack);
  return error;
}

std::string greet(const Descriptor& socket) {
  const Descriptor self = open_pidfd(::getpid());
  if (!self.is_open()) return "no descriptor of this process" + errno_text(errno);
  const std::array<int, 1> pidfd = {self.get()};
  const std::string_view greeting(kGuardianGreeting.data(), kGuardianGreeting.size());
  const int error = send_to_guardian(socket, greeting, pidfd);
  return error == 0 ? std::string() : "no message to it" + errno_text(error);
}

}  // namespace

int send_to_guardian(const Descriptor& socket, std::string_view text,
                     std::span<const int> descriptors) noexcept {
  iovec part{.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  Ancillary ancillary;
  ancillary.put(message, descriptors);
  while (::sendmsg(socket.get(), &message, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

std::string launch_guardian(LaunchedGuardian& guardian) {
  if (!program_has_our_constructor()) {
    return "the guardian is the program itself, which must be linked with this library, but that "
           "is in a shared one";
  }
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return "no socket to it" + errno_text(errno);
  Descriptor ours = beyond_standard(Descriptor(ends[0]));
  const Descriptor its = beyond_standard(Descriptor(ends[1]));
  if (!ours.is_open() || !its.is_open()) return "no socket to it" + errno_text(errno);
  if (auto failure = greet(ours); !failure.empty()) return failure;
  const Plan plan(its.get());
  Birth birth{.plan = plan, .error = plan.error()};
  const int error = birth.error != 0 ? birth.error : give_birth_in_between(birth);
  if (error != 0) return "this program cannot be started" + errno_text(error);
  guardian = {.pid = birth.pid, .pidfd = std::move(birth.pidfd), .socket = std::move(ours)};
  return {};
}

}  // namespace mp::internal
