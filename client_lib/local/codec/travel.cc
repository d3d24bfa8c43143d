#include "mp/internal/travel.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "client_lib/local/os/descriptor.h"
#include "mp/errors.h"
#include "mp/internal/reference_travel.h"

namespace mp::internal {
namespace {

thread_local OutgoingDescriptors* outgoing = nullptr;
thread_local IncomingDescriptors* incoming = nullptr;
thread_local int going_to_new_child = 0;

[[noreturn]] void throw_no_way(const char* what) {
  throw ProcessError(std::string(what) +
                     " can't go this way: it is shared with a child that is forked, can be an "
                     "argument of an mp::Process, and can be sent over an mp::Connection");
}

}  // namespace

OutgoingDescriptors::OutgoingDescriptors() : outer_(std::exchange(outgoing, this)) {}
OutgoingDescriptors::~OutgoingDescriptors() { outgoing = outer_; }

OutgoingDescriptors& OutgoingDescriptors::current(const char* what) {
  if (outgoing == nullptr) throw_no_way(what);
  return *outgoing;
}

std::size_t OutgoingDescriptors::add(int fd, std::shared_ptr<const void> owner) {
  const auto known = std::ranges::find(descriptors_, fd);
  const auto index = static_cast<std::size_t>(std::distance(descriptors_.begin(), known));
  if (known == descriptors_.end()) {
    descriptors_.push_back(fd);
    owners_.push_back(std::move(owner));
  }
  return index;
}

IncomingDescriptors::IncomingDescriptors(std::vector<Descriptor> descriptors)
    : outer_(std::exchange(incoming, this)), descriptors_(std::move(descriptors)) {}
IncomingDescriptors::~IncomingDescriptors() { incoming = outer_; }

IncomingDescriptors& IncomingDescriptors::current(const char* what) {
  if (incoming == nullptr) throw_no_way(what);
  return *incoming;
}

int IncomingDescriptors::at(std::size_t index) const {
  if (index < descriptors_.size()) return descriptors_[index].get();
  throw ValueError("descriptor " + std::to_string(index) + " was announced, but " +
                   std::to_string(descriptors_.size()) + " came");
}

GoesToNewChild::GoesToNewChild() { ++going_to_new_child; }
GoesToNewChild::~GoesToNewChild() { --going_to_new_child; }
bool GoesToNewChild::in_scope() { return going_to_new_child != 0; }

}  // namespace mp::internal
