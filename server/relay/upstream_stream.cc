#include "server/relay/upstream_stream.h"

#include <utility>

#include "server/relay/upstream.h"

namespace mp::server {
namespace {
constexpr char kMethod[] = "/mp.v1.Sessions/Stream";
constexpr std::size_t kMaxUnsent = 8 << 20U;
constexpr std::size_t kMaxMerged = 64 << 10U;  // what a frame may have beyond a message
}  // namespace

UpstreamStream::UpstreamStream(Upstream& upstream)
    : upstream_(upstream),
      stream_(upstream.stub().PrepareCall(&context_, kMethod, &upstream.next_queue())) {}

void UpstreamStream::serve(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) static_cast<Tag*>(tag)->complete(ok);
}

// Whatever happened to it, nobody waits for its end any more.
UpstreamStream::~UpstreamStream() { upstream_.remove(*this); }

bool UpstreamStream::start(std::shared_ptr<Receiver> receiver) {
  if (!upstream_.add(shared_from_this())) return false;
  receiver_ = std::move(receiver);
  stream_->StartCall(start_tag_.begin());
  return true;
}

void UpstreamStream::on_started(bool ok) {
  if (ok) {
    stream_->Read(&incoming_, read_tag_.begin());
    const MutexLock lock(mutex_);
    writing_ = false;
    write_some();
  } else {
    stream_->Finish(&status_, finish_tag_.begin());
  }
}

void UpstreamStream::send(std::string_view frame) {
  const MutexLock lock(mutex_);
  if (over_) return;
  if (!out_.empty() && out_.back().size() + frame.size() <= kMaxMerged) {
    out_.back() += frame;
  } else {
    out_.emplace_back(frame);
  }
  out_bytes_ += frame.size();
  was_congested_ = was_congested_ || out_bytes_ >= kMaxUnsent;
  write_some();
}

bool UpstreamStream::congested() {
  const MutexLock lock(mutex_);
  return out_bytes_ >= kMaxUnsent;
}

void UpstreamStream::hang_up() {
  const MutexLock lock(mutex_);
  if (hanging_up_) return;
  hanging_up_ = true;
  write_some();
}

void UpstreamStream::write_some() {
  if (writing_ || over_) return;
  if (!out_.empty()) {
    const grpc::Slice slice(out_.front());
    out_bytes_ -= out_.front().size();
    out_.pop_front();
    writing_ = true;
    stream_->Write(grpc::ByteBuffer(&slice, 1), write_tag_.begin());
  } else if (hanging_up_) {
    writing_ = true;
    stream_->WritesDone(hang_up_tag_.begin());
  }
}

void UpstreamStream::on_written(bool ok) {
  bool drained = false;
  {
    const MutexLock lock(mutex_);
    if (!ok) return;  // the read tells
    writing_ = false;
    drained = was_congested_ && out_bytes_ < kMaxUnsent;
    if (drained) was_congested_ = false;
    write_some();
  }
  if (drained && receiver_ != nullptr) receiver_->on_caught_up();
}

void UpstreamStream::on_read(bool ok) {
  if (!ok) {
    {
      const MutexLock lock(mutex_);
      over_ = true;
    }
    stream_->Finish(&status_, finish_tag_.begin());
    return;
  }
  grpc::Slice slice;
  const grpc::ByteBuffer message = std::exchange(incoming_, {});
  if (!message.TrySingleSlice(&slice).ok() && !message.DumpToSingleSlice(&slice).ok()) {
    context_.TryCancel();
    return resume();
  }
  if (receiver_->on_message({reinterpret_cast<const char*>(slice.begin()), slice.size()})) resume();
}

void UpstreamStream::resume() { stream_->Read(&incoming_, read_tag_.begin()); }

void UpstreamStream::on_finished(bool) {
  receiver_->on_end(status_);
  receiver_ = nullptr;
}

}  // namespace mp::server
