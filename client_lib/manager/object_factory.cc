#include "mp/object_factory.h"

#include <string>
#include <utility>

#include "client_lib/manager/custom_call.h"
#include "client_lib/manager/manager_state.h"
#include "client_lib/manager/object_life.h"
#include "mp/errors.h"
#include "mp/wire/fields.h"

namespace mp {

namespace internal {
namespace {

struct FoundRef {
  std::uint64_t id = 0;
  std::string kind;
};

// The first field of an mp.v1.ObjectCreated, or of an ObjectFindReply.
FoundRef ref_in(const Reply& reply, const std::string& title) {
  FoundRef found;
  for (wire::Fields fields = reply.fields(); fields.next();) {
    if (fields.field() != 1) continue;
    for (wire::Fields ref = fields.message(); ref.next();) {
      if (ref.field() == 1) found.id = ref.fixed64();
      if (ref.field() == 2) found.kind = ref.bytes();
    }
  }
  if (found.id == 0) throw RemoteError(title + ": the manager's answer names no object");
  return found;
}

}  // namespace

ObjectMaker::ObjectMaker(std::shared_ptr<ManagerState> state) : state_(std::move(state)) {}
ObjectMaker::~ObjectMaker() = default;
ObjectMaker::ObjectMaker(ObjectMaker&&) noexcept = default;
ObjectMaker& ObjectMaker::operator=(ObjectMaker&&) noexcept = default;

ObjectMaker::Object ObjectMaker::make(wire::Operation operation, std::string_view kind,
                                      std::string_view name, const CreateOptions& options,
                                      const wire::Message& contents,
                                      const CallOptions& call) const {
  constexpr std::uint32_t kLife = 15;
  if (options.near_cache && operation != wire::Operation::kDictCreate &&
      operation != wire::Operation::kSharedValueCreate) {
    throw ValueError(std::string(kind) + ": only a dict or a value can have a near cache");
  }
  wire::Message request;
  if (!name.empty()) request.str(1, name);
  if (options.create != Create::kGetOrCreate) request.uint(2, 1);
  if (options.life.time_to_live.nanoseconds() || options.life.idle_time.nanoseconds())
    write_life(request, kLife, options.life);
  std::string bytes(request.bytes());
  bytes += contents.bytes();
  std::string title(kind);
  if (!name.empty()) title += " '" + std::string(name) + "'";
  const Reply reply = state_->session()->call(operation, 0, title, bytes, call);
  const std::uint64_t id = ref_in(reply, title).id;
  if (!options.near_cache) return state_->session()->object(id, kind, std::string(name));
  return state_->session()->cached_object(id, kind, std::string(name), options.near_cache_bytes);
}

}  // namespace internal

ObjectFactory::Object ObjectFactory::create_custom(std::string_view type, const Named& name,
                                                   const wire::Message& arguments) const {
  wire::Message contents;
  contents.str(3, type);
  for (wire::Fields fields(arguments.bytes()); fields.next();)
    contents.bytes(fields.field(), fields.bytes());
  internal::CallOptions call;
  call.may_wait = true;  // for the constructor
  call.inside_call = internal::call_around(state_->session().get());
  call.caller_blocks = true;
  return make(wire::Operation::kCustomCreate, "custom", name.name, name.options, contents, call);
}

ObjectFactory::Object ObjectFactory::find_custom(std::string_view name) const {
  wire::Message request;
  request.str(1, name);
  const std::string title = "custom '" + std::string(name) + "'";
  const internal::Reply reply =
      state_->session()->call(wire::Operation::kObjectFind, 0, title, request.bytes(), {});
  const internal::FoundRef ref = internal::ref_in(reply, title);
  if (ref.kind != "custom") throw WrongKind(title + ": the object is a " + ref.kind);
  return state_->session()->object(ref.id, ref.kind, std::string(name));
}

SemaphoreProxy SynchronisationFactory::make_semaphore(std::string_view name,
                                                      const SemaphoreOptions& options,
                                                      bool bounded) const {
  wire::Scratch contents;
  contents->uint(3, options.value);
  contents->boolean(4, bounded);
  contents->boolean(5, options.signal);
  return SemaphoreProxy(make(wire::Operation::kSemaphoreCreate, "semaphore", name,
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
  return make(wire::Operation::kQueueCreate, "queue", name, {options.create, options.life},
              *contents);
}

}  // namespace mp
