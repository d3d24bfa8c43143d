#include "client_lib/local/start/luggage.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>

#include "client_lib/local/connection/messages.h"
#include "client_lib/local/os/ancillary.h"
#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/os/standard_streams.h"
#include "client_lib/local/process/this_process.h"
#include "client_lib/local/start/forkserver.h"
#include "mp/errors.h"
#include "mp/internal/plain_bytes.h"
#include "mp/internal/reference_travel.h"

namespace mp::internal {
namespace {

[[noreturn]] void fail(const char* what) {
  throw ProcessError(std::string(what) + errno_text(errno));
}

Descriptor file_of(std::string_view bytes) {
  Descriptor file = beyond_standard(Descriptor(::memfd_create("mp-luggage", MFD_CLOEXEC)));
  if (!file.is_open()) fail("no memory for what the child is sent");
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) fail("no memory for what the child is sent");
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return file;
}

std::string bytes_of(const Descriptor& file) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail("what was sent is not there");
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t part =
        ::pread(file.get(), bytes.data() + got, bytes.size() - got, static_cast<off_t>(got));
    if (part == 0 || (part < 0 && errno != EINTR)) fail("what was sent cannot be read");
    if (part > 0) got += static_cast<std::size_t>(part);
  }
  return bytes;
}

Descriptor copy_of(const IncomingDescriptors& incoming, std::uint64_t index) {
  Descriptor copy = duplicate(incoming.at(index));
  if (!copy.is_open()) fail("no descriptor");
  return copy;
}

void become(const Contents& contents, const IncomingDescriptors& incoming) {
  auto parent = std::make_shared<Descriptor>(copy_of(incoming, contents.parent));
  const LockedProcess self;
  self->name = contents.name.to_string();
  self->identity = contents.identity;
  self->daemon = contents.daemon;
  self->start_method = contents.start_method;
  self->start_method_is_settled = contents.start_method_is_settled;
  self->children_made = 0;
  self->parent = {.name = contents.parent_name.to_string(),
                  .pid = contents.parent_pid,
                  .sentinel = std::move(parent)};
}

void move_in(const Contents& contents, const IncomingDescriptors& incoming) {
  if (contents.folder && ::fchdir(incoming.at(*contents.folder)) != 0)
    fail("cannot go to the parent's working directory");
  for (const auto& [number, index] : contents.streams) {
    if (::dup2(incoming.at(index), number) < 0) fail("cannot take the parent's output");
  }
}

}  // namespace

std::uint64_t Luggage::add(Descriptor descriptor) {
  const int fd = descriptor.get();
  return outgoing_.add(fd, std::make_shared<Descriptor>(std::move(descriptor)));
}

void Luggage::add_surroundings(Contents& contents) {
  Descriptor folder = beyond_standard(Descriptor(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)));
  if (!folder.is_open()) fail("no descriptor of the working directory");
  contents.folder = add(std::move(folder));
  for (const int number : {STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(number, F_GETFD) < 0) continue;
    contents.streams.emplace_back(number, outgoing_.add(number, nullptr));
  }
}

Luggage::Luggage(const ProcessState& child, const std::function<Parcel()>& pack,
                 Surroundings surroundings) {
  const GoesToNewChild from_here_on;
  Contents contents;
  {
    const LockedProcess self;
    contents.name = Bytes(child.name);
    contents.identity = child.identity;
    contents.daemon = child.daemon;
    contents.start_method = self->start_method;
    contents.start_method_is_settled = self->start_method_is_settled;
    contents.parent_name = Bytes(self->name);
  }
  contents.parent_pid = ::getpid();
  Descriptor parent = open_pidfd(contents.parent_pid);
  if (!parent.is_open()) fail("no descriptor of this process");
  contents.parent = add(std::move(parent));
  if (surroundings == Surroundings::kSent) add_surroundings(contents);
  contents.inheritance = pack_inheritance();
  const Parcel parcel = pack();
  if (parcel.unpack != nullptr) contents.code = encode_function(parcel.unpack);
  contents.parcel = Bytes(parcel.bytes);
  if (const auto forkserver = forkserver_socket())
    contents.forkserver = outgoing_.add(forkserver->get(), forkserver);
  std::string bytes;
  write_plain(bytes, contents);
  contents_ = file_of(bytes);
}

void Luggage::send(const Descriptor& socket) const {
  std::vector<int> all = {contents_.get()};
  std::ranges::copy(outgoing_.descriptors(), std::back_inserter(all));
  const Message message{Word::kLuggage, static_cast<std::int32_t>(all.size())};
  for (std::span<const int> rest = all; !rest.empty();) {
    const std::size_t some = std::min(rest.size(), kMostDescriptorsAtOnce);
    const int error = send_message(socket, message, rest.first(some));
    if (nobody_is_there(error)) return;
    if (error != 0) throw ProcessError("the child can't be sent its arguments" + errno_text(error));
    rest = rest.subspan(some);
  }
}

std::optional<ReceivedLuggage> ReceivedLuggage::from(const Descriptor& socket) {
  std::vector<Descriptor> all;
  std::size_t announced = 1;
  while (all.size() < announced) {
    const auto message = receive_message(socket, all);
    if (!message || message->word != Word::kLuggage) return std::nullopt;
    announced = static_cast<std::size_t>(message->value);
  }
  ReceivedLuggage luggage;
  luggage.contents_ = std::move(all.front());
  luggage.descriptors_.assign(std::make_move_iterator(all.begin() + 1),
                              std::make_move_iterator(all.end()));
  return luggage;
}

std::unique_ptr<Call> ReceivedLuggage::unpack() && {
  const IncomingDescriptors incoming(std::move(descriptors_));
  const auto contents = read_plain<Contents>(bytes_of(std::exchange(contents_, Descriptor())));
  become(contents, incoming);
  move_in(contents, incoming);
  adopt_standard_streams();
  if (contents.forkserver) use_forkserver(copy_of(incoming, *contents.forkserver));
  unpack_inheritance(contents.inheritance);
  if (contents.code.empty()) return nullptr;
  using Unpack = std::remove_pointer_t<decltype(Parcel::unpack)>;
  return decode_function<Unpack>(contents.code)(contents.parcel.view());
}

}  // namespace mp::internal
