#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <random>
#include <string>

#include "mp/any.h"
#include "mp/errors.h"
#include "mp/v1/command.pb.h"
#include "mp/wire/fields.h"
#include "mp/wire/message.h"
#include "mp/wire/operation.h"
#include "tests/unit/client/wire_form.h"

namespace mp::wire {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(WireMessageTest, WritesWhatLibprotobufWrites) {
  Message message;
  message.str(1, "scores");
  message.value(3, "alice");
  message.value(4, 3);
  v1::DictSetRequest expected;
  expected.set_name("scores");
  expected.mutable_key()->set_str("alice");
  expected.mutable_value()->set_int_(3);
  EXPECT_EQ(message.bytes(), expected.SerializeAsString());
}

TEST(WireMessageTest, WritesEveryTypeOfField) {
  Message message;
  message.fixed64(2, 0x0102030405060708U);
  message.sint(3, -4);
  v1::ListGetRequest get;
  get.set_id(0x0102030405060708U);
  get.set_index(-4);
  EXPECT_EQ(message.bytes(), get.SerializeAsString());

  message.clear();
  message.boolean(3, true);
  v1::ListSortRequest sort;
  sort.set_reverse(true);
  EXPECT_EQ(message.bytes(), sort.SerializeAsString());

  message.clear();
  message.entry(3, "a", 1);
  message.entry(3, 2, Any::list({}));
  v1::DictUpdateRequest update;
  EXPECT_TRUE(update.ParseFromString(std::string(message.bytes())));
  EXPECT_EQ(update.SerializeAsString(), message.bytes());
  EXPECT_EQ(update.entries_size(), 2);
  EXPECT_EQ(update.entries(0).key().str(), "a");
}

TEST(WireMessageTest, DurationsAreThoseOfProtobuf) {
  for (const std::chrono::nanoseconds length :
       {0ns, 1ns, 250000000ns, 3000000000ns, -1500000000ns, std::chrono::nanoseconds::max()}) {
    Message message;
    message.duration(4, length);
    v1::QueuePutRequest put;
    ASSERT_TRUE(put.ParseFromString(std::string(message.bytes())));
    EXPECT_EQ(put.SerializeAsString(), message.bytes());
    EXPECT_EQ(put.timeout().seconds() * 1000000000 + put.timeout().nanos(), length.count());
    Fields fields(message.bytes());
    ASSERT_TRUE(fields.next());
    if (length == std::chrono::nanoseconds::max()) {
      EXPECT_THROW(fields.duration(), RemoteError);  // the last second of 292 years is not read
    } else {
      EXPECT_EQ(fields.duration(), length);
    }
  }
}

TEST(WireMessageTest, NamesMustBeUtf8) {
  Message message;
  EXPECT_THROW(message.str(1, "\xff"), ValueError);
}

TEST(WireMessageTest, ClearKeepsTheMemory) {
  Message message;
  message.bytes(1, std::string(1000, 'x'));
  const std::size_t capacity = message.capacity();
  message.clear();
  EXPECT_TRUE(message.empty());
  EXPECT_EQ(message.capacity(), capacity);
}

TEST(WireMessageTest, ScratchMessagesNest) {
  Scratch outer;
  outer->uint(1, 1);
  {
    Scratch inner;
    EXPECT_TRUE(inner->empty());
    inner->uint(2, 2);
  }
  EXPECT_EQ(outer->bytes(), "\x08\x01");
  Scratch again;
  EXPECT_TRUE(again->empty());
}

constexpr std::size_t kLarge = std::size_t{1} << 20U;

TEST(WireMessageTest, AScratchMessageThatGrewLargeIsKeptForTheNext) {
  Scratch()->bytes(1, std::string(kLarge, 'x'));
  EXPECT_GE(Scratch()->capacity(), kLarge);
}

TEST(WireMessageTest, AScratchMessageThatGrewLargeIsNotKeptForManySmallOnes) {
  Scratch()->bytes(1, std::string(kLarge, 'x'));
  for (int i = 0; i < 100; ++i) Scratch()->bytes(1, "small");
  EXPECT_LT(Scratch()->capacity(), std::size_t{1} << 17U);
}

TEST(WireMessageTest, AScratchMessageThatGrewTooLargeIsNotKept) {
  Scratch()->bytes(1, std::string(20 * kLarge, 'x'));
  EXPECT_LT(Scratch()->capacity(), std::size_t{1} << 17U);
}

TEST(FieldsTest, ReadsWhatLibprotobufWrote) {
  v1::LockAcquireReply reply;
  reply.set_acquired(true);
  reply.set_token(std::uint64_t{1} << 40);
  const std::string bytes = reply.SerializeAsString();
  Fields fields(bytes);
  ASSERT_TRUE(fields.next());
  EXPECT_EQ(fields.field(), 1U);
  EXPECT_TRUE(fields.boolean());
  ASSERT_TRUE(fields.next());
  EXPECT_EQ(fields.uint(), std::uint64_t{1} << 40);
  EXPECT_FALSE(fields.next());
}

TEST(FieldsTest, BadBytesAreARemoteError) {
  const auto read_all = [](std::string_view bytes) {
    for (Fields fields(bytes); fields.next();) continue;
  };
  EXPECT_THAT([&] { read_all("\x08"); }, ThrowsMessage<RemoteError>(HasSubstr("breaks off")));
  EXPECT_THAT(
      [&] {
        read_all(
            "\x09"
            "1234567");
      },
      ThrowsMessage<RemoteError>(HasSubstr("breaks off")));
  EXPECT_THAT(
      [&] {
        read_all(
            "\x0a\x05"
            "abc");
      },
      ThrowsMessage<RemoteError>(HasSubstr("longer than the rest")));
  EXPECT_THROW(read_all("\x0b"), RemoteError);                           // a group
  EXPECT_THROW(read_all(std::string_view("\x00\x00", 2)), RemoteError);  // field 0
  EXPECT_THROW(read_all("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), RemoteError);
  EXPECT_THROW(read_all("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), RemoteError);
}

TEST(FieldsTest, AnotherWireTypeIsARemoteError) {
  Fields fields("\x08\x01");
  ASSERT_TRUE(fields.next());
  EXPECT_THAT([&] { fields.bytes(); }, ThrowsMessage<RemoteError>(HasSubstr("field 1")));
  EXPECT_THROW(fields.fixed64(), RemoteError);
  EXPECT_THROW(fields.value<int>(), RemoteError);
}

TEST(FieldsTest, UnknownFieldsAreSkipped) {
  Message message;
  message.uint(900, 1);
  message.fixed64(901, 1);
  message.bytes(902, "future");
  Message value;
  value.bytes(1, std::string(message.bytes()) + std::string("\x18\x06") +
                     "\xfd\x38"
                     "1234");
  Fields fields(value.bytes());
  ASSERT_TRUE(fields.next());
  EXPECT_EQ(fields.value<int>(), 3);
}

// What is read must be a value or a typed error, and what is a value must survive a round trip.
void read_whatever_it_is(const std::string& bytes) {
  try {
    for (Fields fields(bytes); fields.next();) {
      const Any any = fields.value<Any>();
      static_cast<void>(repr(any));
      Message message;
      message.value(1, any);
      EXPECT_EQ(repr(decode<Any>(std::string(message.bytes()))), repr(any));
    }
  } catch (const Error&) {
    // Any of ours will do.
  }
}

TEST(FieldsTest, RandomBytesNeverCrashTheReader) {
  const unsigned seed = 4711;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 4000; ++i) {
    std::string bytes(random() % 64, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    read_whatever_it_is(bytes);
  }
}

TEST(FieldsTest, DamagedValuesNeverCrashTheReader) {
  const std::string good = bytes_of(Any{1, "text", 2.5, None, true, Bytes("data"),
                                        Any::dict({{"k", Any::tuple({1, 2})}}), Any::set({1, 2}),
                                        ObjectRef(77, "dict"), Any::Array{'i', Bytes("abcdefgh")},
                                        Any::Record{"Point", {{"x", 1}, {"y", Any{1, 2}}}, {}}});
  const unsigned seed = 815;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 4000; ++i) {
    std::string bytes = good.substr(0, random() % 4 == 0 ? random() % good.size() : good.size());
    for (unsigned damage = random() % 4; damage > 0 && !bytes.empty(); --damage) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    read_whatever_it_is(bytes);
  }
  for (std::size_t size = 0; size < good.size(); ++size) read_whatever_it_is(good.substr(0, size));
}

// The numbers of Operation are those of the proto, and none is missing.
TEST(OperationTest, HasTheNumbersOfCommand) {
  const auto* oneof = v1::Command::descriptor()->FindOneofByName("operation");
  ASSERT_NE(oneof, nullptr);
  EXPECT_EQ(oneof->field_count(), 155);
  const auto number = [](const char* name) {
    return static_cast<std::uint32_t>(v1::Command::descriptor()->FindFieldByName(name)->number());
  };
  EXPECT_EQ(number("batch"), static_cast<std::uint32_t>(Operation::kBatch));
  EXPECT_EQ(number("session_take"), static_cast<std::uint32_t>(Operation::kSessionTake));
  EXPECT_EQ(number("object_release"), static_cast<std::uint32_t>(Operation::kObjectRelease));
  EXPECT_EQ(number("dict_compare_exchange"),
            static_cast<std::uint32_t>(Operation::kDictCompareExchange));
  EXPECT_EQ(number("list_add"), static_cast<std::uint32_t>(Operation::kListAdd));
  EXPECT_EQ(number("queue_shutdown"), static_cast<std::uint32_t>(Operation::kQueueShutdown));
  EXPECT_EQ(number("lock_locked"), static_cast<std::uint32_t>(Operation::kLockLocked));
  EXPECT_EQ(number("object_describe"), static_cast<std::uint32_t>(Operation::kObjectDescribe));
  EXPECT_EQ(number("queue_leave"), static_cast<std::uint32_t>(Operation::kQueueLeave));
  EXPECT_EQ(number("set_compare"), static_cast<std::uint32_t>(Operation::kSetCompare));
  EXPECT_EQ(number("namespace_add"), static_cast<std::uint32_t>(Operation::kNamespaceAdd));
  EXPECT_EQ(number("shared_value_compare_exchange"),
            static_cast<std::uint32_t>(Operation::kSharedValueCompareExchange));
  EXPECT_EQ(number("shared_array_set_slice"),
            static_cast<std::uint32_t>(Operation::kSharedArraySetSlice));
  EXPECT_EQ(number("rlock_locked"), static_cast<std::uint32_t>(Operation::kRLockLocked));
  EXPECT_EQ(number("semaphore_get_value"),
            static_cast<std::uint32_t>(Operation::kSemaphoreGetValue));
  EXPECT_EQ(number("condition_lock"), static_cast<std::uint32_t>(Operation::kConditionLock));
  EXPECT_EQ(number("event_wait"), static_cast<std::uint32_t>(Operation::kEventWait));
  EXPECT_EQ(number("barrier_state"), static_cast<std::uint32_t>(Operation::kBarrierState));
  EXPECT_EQ(number("count_down_latch_enlist"),
            static_cast<std::uint32_t>(Operation::kCountDownLatchEnlist));
  EXPECT_EQ(number("rwlock_write_locked"),
            static_cast<std::uint32_t>(Operation::kRWLockWriteLocked));
  EXPECT_EQ(number("object_get_version"), static_cast<std::uint32_t>(Operation::kObjectGetVersion));
  EXPECT_EQ(number("watch_next"), static_cast<std::uint32_t>(Operation::kWatchNext));
}

}  // namespace
}  // namespace mp::wire
