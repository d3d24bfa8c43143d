#include "mp/object_factory.h"

#include <string>
#include <utility>

#include "client_lib/manager/manager_state.h"
#include "client_lib/manager/object_life.h"
#include "mp/errors.h"
#include "mp/wire/fields.h"

namespace mp {

ObjectFactory::ObjectFactory(std::shared_ptr<internal::ManagerState> state)
    : state_(std::move(state)) {}
ObjectFactory::~ObjectFactory() = default;
ObjectFactory::ObjectFactory(ObjectFactory&&) noexcept = default;
ObjectFactory& ObjectFactory::operator=(ObjectFactory&&) noexcept = default;

ObjectFactory::Object ObjectFactory::create(wire::Operation operation, std::string_view kind,
                                            std::string_view name, const CreateOptions& options,
                                            const wire::Message& contents) const {
  constexpr std::uint32_t kLife = 15;
  wire::Message request;
  if (!name.empty()) request.str(1, name);
  if (options.create != Create::kGetOrCreate) request.uint(2, 1);
  if (options.life.time_to_live.nanoseconds() || options.life.idle_time.nanoseconds())
    internal::write_life(request, kLife, options.life);
  std::string bytes(request.bytes());
  bytes += contents.bytes();
  std::string title(kind);
  if (!name.empty()) title += " '" + std::string(name) + "'";
  const internal::Reply reply = state_->session()->call(operation, 0, title, bytes, {});
  for (wire::Fields fields = reply.fields(); fields.next();) {
    if (fields.field() != 1) continue;  // mp.v1.ObjectCreated.ref
    for (wire::Fields ref = fields.message(); ref.next();) {
      if (ref.field() == 1)
        return state_->session()->object(ref.fixed64(), kind, std::string(name));
    }
  }
  throw RemoteError(title + ": the manager's answer names no object");
}

SemaphoreProxy ObjectFactory::make_semaphore(std::string_view name, const SemaphoreOptions& options,
                                             bool bounded) const {
  wire::Scratch contents;
  contents->uint(3, options.value);
  contents->boolean(4, bounded);
  contents->boolean(5, options.signal);
  return SemaphoreProxy(create(wire::Operation::kSemaphoreCreate, "semaphore", name,
                               {options.create, options.life}, *contents));
}

ObjectFactory::Object ObjectFactory::make_queue(std::string_view name,
                                                const QueueOptions& options) const {
  wire::Scratch contents;
  contents->uint(3, options.maxsize);
  contents->uint(4, options.delivery == Delivery::kUntilConfirmed ? 1 : 0);
  contents->boolean(5, options.close_when_producers_gone);
  contents->uint(6, static_cast<std::uint64_t>(options.order));
  contents->uint(7, options.max_deliveries);
  if (options.dead_letters) contents->fixed64(9, options.dead_letters->id());
  return create(wire::Operation::kQueueCreate, "queue", name, {options.create, options.life},
                *contents);
}

}  // namespace mp
