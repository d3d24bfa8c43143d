#include "client_lib/local/guardian/guardian_main.h"

#include <linux/capability.h>
#include <linux/close_range.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ctime>

#include "client_lib/local/guardian/guardian.h"

// The guardian itself. Nothing of the program is initialised yet, and nothing will be: system calls
// and static memory only.

namespace mp::internal {
namespace {

// The daemons are the descriptors from kFirstDaemon on: the kernel's table is the only list.
constexpr int kEpoll = kGuardianSocket + 1;
constexpr int kParent = kEpoll + 1;
constexpr int kFirstDaemon = kParent + 1;

constinit bool listening = true;
constinit bool parent_lives = true;
constinit int daemons = 0;
constinit int last_daemon = kFirstDaemon - 1;
constinit int signal_for_newcomers = 0;

// Whoever has made the socket had our rights: else a set-user-ID program would send its signals to
// whomever its caller likes.
bool peer_is_this_user() {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(kGuardianSocket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         peer.uid == ::geteuid();
}

bool greeting_waits() {
  std::array<char, kGuardianGreeting.size() + 1> text{};
  const ssize_t size = ::recv(kGuardianSocket, text.data(), text.size(), MSG_PEEK | MSG_DONTWAIT);
  return size == static_cast<ssize_t>(kGuardianGreeting.size()) &&
         std::equal(kGuardianGreeting.begin(), kGuardianGreeting.end(), text.begin());
}

// A name can be had by accident or on purpose; a socket with this message in it can't.
bool is_guardian(int argc, char** argv) {
  return argc == 1 && std::strcmp(argv[0], kGuardianName) == 0 && peer_is_this_user() &&
         greeting_waits();
}

// A program can have capabilities from its file, which whoever made the socket need not have had.
void drop_capabilities_of_file() {
  if (::getauxval(AT_SECURE) == 0 || ::geteuid() == 0) return;
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
  if (::syscall(SYS_capset, &header, none.data()) != 0) ::_exit(1);
}

void watch(int descriptor) {
  epoll_event event{.events = EPOLLIN, .data = {.fd = descriptor}};
  if (::epoll_ctl(kEpoll, EPOLL_CTL_ADD, descriptor, &event) != 0) ::_exit(1);
}

void send_signal_to(int pidfd, int signal) {
  ::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0);
}

void add_daemon(int pidfd) {
  ++daemons;
  last_daemon = std::max(last_daemon, pidfd);
  watch(pidfd);
  if (signal_for_newcomers != 0) send_signal_to(pidfd, signal_for_newcomers);
}

void send_signal_to_all(int signal) {
  for (int pidfd = kFirstDaemon; pidfd <= last_daemon; ++pidfd) send_signal_to(pidfd, signal);
}

enum class Received { kMessage, kNothing, kEndOfFile };

Received received_nothing(int error) {
  if (error == EAGAIN) return Received::kNothing;
  // That the peer ended without having read all is told once, before what still waits.
  if (error == ECONNRESET || error == EINTR) return Received::kMessage;
  return Received::kEndOfFile;
}

Received receive(void (*take)(int descriptor)) {
  std::array<char, kGuardianGreeting.size()> text{};
  iovec part{.iov_base = text.data(), .iov_len = text.size()};
  alignas(cmsghdr) static char control[CMSG_SPACE(kPidfdsPerMessage * sizeof(int))];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t size = ::recvmsg(kGuardianSocket, &message, MSG_DONTWAIT);
  if (size == 0) return Received::kEndOfFile;
  if (size < 0) return received_nothing(errno);
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return Received::kMessage;
  const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (std::size_t i = 0; i < count; ++i) {
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
    take(descriptor);
  }
  return Received::kMessage;
}

void receive_all() {
  Received received = Received::kMessage;
  while (listening && received == Received::kMessage) received = receive(add_daemon);
  if (received != Received::kEndOfFile) return;
  listening = false;
  ::close(kGuardianSocket);
}

// Waits so many milliseconds, -1: for ever, until something happens, and takes note of it.
void wait(int milliseconds) {
  std::array<epoll_event, 64> events{};
  const int count =
      ::epoll_wait(kEpoll, events.data(), static_cast<int>(events.size()), milliseconds);
  for (int i = 0; i < count; ++i) {
    const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
    if (descriptor == kGuardianSocket) continue;
    // Closing would not do it: the parent holds the same open file, which keeps it in the set.
    ::epoll_ctl(kEpoll, EPOLL_CTL_DEL, descriptor, nullptr);
    if (descriptor == kParent) {
      parent_lives = false;  // it keeps its number, which must not become a daemon's
    } else {
      --daemons;
      ::close(descriptor);
    }
  }
  receive_all();  // last, since it gives the numbers of those that ended to others
}

std::int64_t milliseconds_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

void end_daemons() {
  signal_for_newcomers = SIGTERM;
  send_signal_to_all(SIGTERM);
  const std::int64_t deadline =
      milliseconds_now() + std::chrono::milliseconds(kDaemonGrace).count();
  while (daemons > 0) {
    const std::int64_t left = deadline - milliseconds_now();
    if (left <= 0) break;
    wait(static_cast<int>(left));
  }
  send_signal_to_all(SIGKILL);
}

// Keeps nothing of the parent's: no descriptor, no folder.
void settle_in() {
  ::prctl(PR_SET_NAME, kGuardianName);
  if (::chdir("/") != 0) ::_exit(1);
  ::syscall(SYS_close_range, kGuardianSocket + 1, ~0U, 0U);
  drop_capabilities_of_file();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  if (::epoll_create1(EPOLL_CLOEXEC) != kEpoll) ::_exit(1);
  static constinit bool parent_is_known = false;
  receive([](int descriptor) { parent_is_known = descriptor == kParent; });
  if (!parent_is_known) ::_exit(1);
  watch(kParent);
  watch(kGuardianSocket);
  ::send(kGuardianSocket, "!", 1, MSG_NOSIGNAL);  // if nobody is there, the pidfd tells
}

[[noreturn]] void stand_guard() {
  settle_in();
  // Without the parent's end of the socket (it executes another program, say) there are still those
  // daemons that are known.
  while (parent_lives && (listening || daemons > 0)) wait(-1);
  if (!parent_lives) end_daemons();
  ::_exit(0);
}

}  // namespace

// glibc hands its arguments to every constructor. 101 is the first priority that is not the
// system's own: constructors of this program without a priority run later.
__attribute__((constructor(101))) void become_guardian_if_started_as_one(int argc, char** argv,
                                                                         char** /*environment*/) {
  const int kept_errno = errno;
  if (is_guardian(argc, argv)) stand_guard();
  errno = kept_errno;
}

}  // namespace mp::internal
