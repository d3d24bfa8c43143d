// Redis through hiredis: GET, SET, a pipeline of GETs, and one hash filled by pipelined HSETs.

#include <hiredis/hiredis.h>

#include <array>
#include <stdexcept>

#include "bench/peer.h"

namespace {

using mp::bench::kKey;
using mp::bench::kValue;

struct FreeContext {
  void operator()(redisContext* context) const { redisFree(context); }
};
struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

class RedisPeer final : public mp::bench::Peer {
 public:
  explicit RedisPeer(const mp::bench::Address& address)
      : context_(address.path.empty() ? redisConnect(address.host.c_str(), address.port)
                                      : redisConnectUnix(address.path.c_str())) {
    if (context_ == nullptr) throw std::runtime_error("redis: out of memory");
    check_context();
  }

  void get() override {
    send_get();
    check(*receive());
  }

  void set() override {
    append<3>({"SET", kKey, kValue});
    receive();
  }

  void get_many(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) send_get();
    for (std::size_t i = 0; i < count; ++i) check(*receive());
  }

  void fill(std::size_t entries, const std::function<std::string(std::size_t)>& text) override {
    constexpr std::size_t kAtOnce = 1000;
    std::size_t unanswered = 0;
    for (std::size_t i = 0; i < entries; ++i) {
      append<4>({"HSET", "bench, many entries", std::to_string(i), text(i)});
      if (++unanswered < kAtOnce && i + 1 < entries) continue;
      for (; unanswered != 0; --unanswered) receive();
    }
    append<2>({"HLEN", "bench, many entries"});
    if (receive()->integer != static_cast<long long>(entries))
      throw std::runtime_error("entries are missing");
  }

 private:
  void check_context() const {
    if (context_->err != 0) throw std::runtime_error(std::string("redis: ") + context_->errstr);
  }

  static void check(const redisReply& reply) {
    if (reply.type != REDIS_REPLY_STRING || std::string_view(reply.str, reply.len) != kValue)
      throw std::runtime_error("redis: a wrong value");
  }

  void send_get() { append<2>({"GET", kKey}); }

  // The form that hiredis has not to parse first.
  template <std::size_t N>
  void append(const std::array<std::string_view, N>& words) {
    std::array<const char*, N> texts{};
    std::array<std::size_t, N> sizes{};
    for (std::size_t i = 0; i < N; ++i) {
      texts[i] = words[i].data();
      sizes[i] = words[i].size();
    }
    redisAppendCommandArgv(context_.get(), static_cast<int>(N), texts.data(), sizes.data());
  }

  Reply receive() {
    void* reply = nullptr;
    if (redisGetReply(context_.get(), &reply) != REDIS_OK) check_context();
    Reply result(static_cast<redisReply*>(reply));
    if (result == nullptr) throw std::runtime_error("redis: no reply");
    if (result->type == REDIS_REPLY_ERROR)
      throw std::runtime_error(std::string("redis: ") + result->str);
    return result;
  }

  std::unique_ptr<redisContext, FreeContext> context_;
};

}  // namespace

int main(int argc, char** argv) {
  return mp::bench::run_client(argc, argv, [](const mp::bench::Arguments& arguments) {
    return std::make_unique<RedisPeer>(mp::bench::Address(arguments.text("address")));
  });
}
