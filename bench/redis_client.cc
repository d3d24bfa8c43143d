// Redis through hiredis, in its form that needs no parsing: every command is a list of words.

#include <hiredis/hiredis.h>

#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/peer.h"

namespace {

using mp::bench::Address;
using mp::bench::kKey;
using mp::bench::kValue;
using mp::bench::Repeated;

struct FreeContext {
  void operator()(redisContext* context) const { redisFree(context); }
};
struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

std::string_view text(const redisReply& reply) { return {reply.str, reply.len}; }

// Thrown at by whatever is not as it should be.
void require(bool right) {
  if (!right) throw std::runtime_error("redis: a wrong value");
}

class Connection {
 public:
  explicit Connection(const Address& address)
      : context_(address.path.empty() ? redisConnect(address.host.c_str(), address.port)
                                      : redisConnectUnix(address.path.c_str())) {
    if (context_ == nullptr) throw std::runtime_error("redis: out of memory");
    check();
  }

  template <class... Words>
  void append(const Words&... words) {
    const std::array<std::string_view, sizeof...(Words)> views = {words...};
    std::array<const char*, sizeof...(Words)> texts{};
    std::array<std::size_t, sizeof...(Words)> sizes{};
    for (std::size_t i = 0; i < views.size(); ++i) {
      texts[i] = views[i].data();
      sizes[i] = views[i].size();
    }
    redisAppendCommandArgv(context_.get(), static_cast<int>(views.size()), texts.data(),
                           sizes.data());
  }

  Reply receive() {
    void* reply = nullptr;
    if (redisGetReply(context_.get(), &reply) != REDIS_OK) check();
    Reply result(static_cast<redisReply*>(reply));
    if (result == nullptr) throw std::runtime_error("redis: no reply");
    if (result->type == REDIS_REPLY_ERROR)
      throw std::runtime_error(std::string("redis: ") + result->str);
    return result;
  }

  template <class... Words>
  Reply call(const Words&... words) {
    append(words...);
    return receive();
  }

  // Sends what was appended.
  void flush() {
    for (int done = 0; done == 0;) {
      if (redisBufferWrite(context_.get(), &done) != REDIS_OK) check();
    }
  }

 private:
  void check() const {
    if (context_->err != 0) throw std::runtime_error(std::string("redis: ") + context_->errstr);
  }

  std::unique_ptr<redisContext, FreeContext> context_;
};

// What is measured of each kind that Redis has too.
struct Row {
  std::string_view name;
  Repeated (*make)(Connection&);
};

constexpr std::size_t kItems = 100;  // of the list that is asked for one of them
constexpr std::size_t kKibi = 1024;
constexpr std::size_t kSliceBytes = 8'000'000;

void fill_list(Connection& redis) {
  if (redis.call("LLEN", "list")->integer != 0) return;
  for (std::size_t i = 0; i < kItems; ++i) redis.call("RPUSH", "list", kValue);
}

// Set and got in turn.
Repeated values_of(Connection& redis, std::size_t bytes) {
  return {[&redis, value = std::string(bytes, 'v')] {
            redis.call("SET", "values", value);
            require(text(*redis.call("GET", "values")) == value);
          },
          2};
}

constexpr auto kRows = std::to_array<Row>({
    {"values-1k", [](Connection& redis) { return values_of(redis, kKibi); }},
    {"values-64k", [](Connection& redis) { return values_of(redis, 64 * kKibi); }},
    {"list-get",
     [](Connection& redis) -> Repeated {
       fill_list(redis);
       return {[&] { require(text(*redis.call("LINDEX", "list", "42")) == kValue); }};
     }},
    {"list-set",
     [](Connection& redis) -> Repeated {
       fill_list(redis);
       return {[&] { redis.call("LSET", "list", "42", kValue); }};
     }},
    {"set-contains",
     [](Connection& redis) -> Repeated {
       redis.call("SADD", "set", kKey);
       return {[&] { require(redis.call("SISMEMBER", "set", kKey)->integer == 1); }};
     }},
    {"set-add",
     [](Connection& redis) -> Repeated {
       return {[&] {
                 require(redis.call("SADD", "set to change", kKey)->integer == 1);
                 require(redis.call("SREM", "set to change", kKey)->integer == 1);
               },
               2};
     }},
    {"namespace-get",
     [](Connection& redis) -> Repeated {
       redis.call("HSET", "hash", "user", kValue);
       return {[&] { require(text(*redis.call("HGET", "hash", "user")) == kValue); }};
     }},
    {"namespace-set",
     [](Connection& redis) -> Repeated {
       return {[&] { redis.call("HSET", "hash", "user", kValue); }};
     }},
    {"value-get",
     [](Connection& redis) -> Repeated {
       redis.call("SET", "value", "0.5");
       return {[&] { require(std::stod(redis.call("GET", "value")->str) == 0.5); }};
     }},
    {"value-add",
     [](Connection& redis) -> Repeated { return {[&] { redis.call("INCR", "counter"); }}; }},
    {"queue",
     [](Connection& redis) -> Repeated {
       return {[&] {
                 redis.call("RPUSH", "line", kValue);
                 require(text(*redis.call("LPOP", "line")) == kValue);
               },
               2};
     }},
    {"slice-get",
     [](Connection& redis) -> Repeated {
       redis.call("SET", "slice", std::string(kSliceBytes, '\0'));
       return {[&] { require(redis.call("GETRANGE", "slice", "0", "-1")->len == kSliceBytes); }};
     }},
    {"slice-set",
     [](Connection& redis) -> Repeated {
       return {[&redis, bytes = std::string(kSliceBytes, '\0')] {
         redis.call("SETRANGE", "slice to change", "0", bytes);
       }};
     }},
});

class RedisPeer final : public mp::bench::Peer {
 public:
  explicit RedisPeer(const Address& address) : address_(address), redis_(address) {}

  void get() override { require(text(*redis_.call("GET", kKey)) == kValue); }
  void set() override { redis_.call("SET", kKey, kValue); }

  void get_many(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) redis_.append("GET", kKey);
    for (std::size_t i = 0; i < count; ++i) require(text(*redis_.receive()) == kValue);
  }

  Repeated repeated(const std::string& what) override {
    for (const Row& row : kRows) {
      if (row.name == what) return row.make(redis_);
    }
    return Peer::repeated(what);
  }

  void fill(const mp::bench::Filling& filling) override {
    constexpr std::size_t kAtOnce = 1000;
    const std::string& into = filling.into;
    std::size_t unanswered = 0;
    for (std::size_t i = 0; i < filling.count; ++i) {
      if (into == "dict") redis_.append("HSET", "many", std::to_string(i), filling.item(i));
      if (into == "list" || into == "queue") redis_.append("RPUSH", "many", filling.item(i));
      if (into == "set") redis_.append("SADD", "many", filling.item(i));
      if (++unanswered < kAtOnce && i + 1 < filling.count) continue;
      for (; unanswered != 0; --unanswered) redis_.receive();
    }
    const char* size = into == "dict" ? "HLEN" : into == "set" ? "SCARD" : "LLEN";
    require(redis_.call(size, "many")->integer == static_cast<long long>(filling.count));
  }

  // A connection each, since no other command is answered on it meanwhile.
  void park(const std::string& /*kind: a queue*/, std::size_t commands) override {
    for (std::size_t i = 0; i < commands; ++i) {
      waiting_.emplace_back(address_).append("BLPOP", "nothing comes", "0");
      waiting_.back().flush();
    }
    const std::string blocked = "blocked_clients:" + std::to_string(commands) + "\r\n";
    while (text(*redis_.call("INFO", "clients")).find(blocked) == std::string_view::npos) continue;
  }

  void put(const std::string& item) override { redis_.call("RPUSH", "queue", item); }
  std::string take() override {
    const Reply reply = redis_.call("BLPOP", "queue", "0");
    require(reply->elements == 2);
    return std::string(text(*reply->element[1]));
  }

 private:
  const Address address_;
  Connection redis_;
  std::vector<Connection> waiting_;
};

}  // namespace

int main(int argc, char** argv) {
  return mp::bench::run_client(argc, argv, [](const mp::bench::Arguments& arguments) {
    return std::make_unique<RedisPeer>(Address(arguments.text("address")));
  });
}
