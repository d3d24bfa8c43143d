#include "client_lib/manager/call.h"

#include "client_lib/manager/recycled.h"
#include "client_lib/manager/wire/piece.h"
#include "mp/wire/fields.h"

namespace mp::internal {

using wire::Piece;
using wire::WireType;

namespace {

// Field numbers of mp.v1.Command, Outcome, Error and RequiredToken.
constexpr std::uint32_t kSeq = 1;
constexpr std::uint32_t kOwner = 2;
constexpr std::uint32_t kRequireToken = 3;
constexpr std::uint32_t kCallerBlocks = 4;
constexpr std::uint32_t kInsideCall = 5;
constexpr std::uint32_t kObjectId = 2;
constexpr std::uint32_t kToken = 3;
constexpr std::uint32_t kError = 2;
constexpr std::uint32_t kRetained = 3;
constexpr std::uint32_t kVersion = 4;
constexpr std::uint32_t kWatchEvents = 5;
constexpr std::uint32_t kErrorCode = 1;
constexpr std::size_t kFixed64Field = 9;  // a tag of one byte, and the number
// What stands before a request takes no more, unless numbers are huge: one allocation a command.
constexpr std::size_t kMostHead = 32;
constexpr std::size_t kMostFence = 24;

}  // namespace

std::shared_ptr<Call> make_call(wire::Operation operation) {
  auto call = std::allocate_shared<Call>(Recycled<Call>());
  call->operation = operation;
  return call;
}

void encode_command(std::string& out, std::uint64_t seq, std::uint64_t owner,
                    wire::Operation operation, std::uint64_t object, std::string_view request,
                    const CallOptions& options) {
  const std::optional<Fence>& fence = options.fence;
  out.reserve(out.size() + kMostHead + request.size() + (fence ? kMostFence : 0));
  Piece head;
  head.tag(kSeq, WireType::varint).varint(seq).tag(kOwner, WireType::varint).varint(owner);
  if (fence) {
    head.append_to(out);
    head = {};
    Piece token;
    token.tag(kRequireToken, WireType::length_delimited)
        .varint(kFixed64Field + 1 + wire::varint_length(fence->token))
        .tag(kObjectId, WireType::fixed64)
        .fixed64(fence->lock)
        .tag(kToken, WireType::varint)
        .varint(fence->token);
    token.append_to(out);
  }
  if (options.caller_blocks) head.tag(kCallerBlocks, WireType::varint).varint(1);
  if (options.inside_call != 0) head.tag(kInsideCall, WireType::varint).varint(options.inside_call);
  head.tag(static_cast<std::uint32_t>(operation), WireType::length_delimited)
      .varint(request.size() + (object != 0 ? kFixed64Field : 0));
  if (object != 0) head.tag(kObjectId, WireType::fixed64).fixed64(object);
  head.append_to(out);
  out.append(request);
}

OutcomeView OutcomeView::parse(std::string_view bytes) {
  OutcomeView view;
  for (wire::Fields fields(bytes); fields.next();) {
    switch (fields.field()) {
      case kSeq:
        view.seq = fields.uint();
        break;
      case kError:
        view.code = ErrorCode::kInternal;
        view.error = fields.bytes();
        for (wire::Fields error = fields.message(); error.next();) {
          if (error.field() == kErrorCode) view.code = static_cast<ErrorCode>(error.uint());
        }
        break;
      case kRetained:
        view.retained = fields.bytes();
        break;
      case kVersion:
        view.version = fields.uint();
        break;
      case kWatchEvents:
        view.watch_events = fields.uint();
        break;
      default:
        view.reply = fields.bytes();
    }
  }
  return view;
}

}  // namespace mp::internal
