#include "mp/errors.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <concepts>
#include <map>
#include <string>
#include <typeindex>

#include "mp/v1/error.pb.h"

namespace mp {
namespace {

// The type of exception that stands for a code.
std::type_index thrown_for(ErrorCode code) {
  try {
    internal::throw_error(code, "message");
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "message");
    return typeid(error);
  }
}

TEST(ErrorsTest, EveryCodeHasAnExceptionOfItsOwn) {
  std::map<std::type_index, std::string> seen;
  const auto* codes = google::protobuf::GetEnumDescriptor<v1::Code>();
  for (int i = 0; i < codes->value_count(); ++i) {
    const auto* code = codes->value(i);
    if (code->number() == v1::CODE_UNSPECIFIED || code->number() == v1::BAD_SECRET) continue;
    const auto [place, is_new] =
        seen.emplace(thrown_for(static_cast<ErrorCode>(code->number())), code->name());
    EXPECT_TRUE(is_new) << code->name() << " throws the same as " << place->second;
  }
}

TEST(ErrorsTest, TheNumbersAreThoseOfTheProto) {
  EXPECT_EQ(static_cast<int>(ErrorCode::kKeyError), v1::KEY_ERROR);
  EXPECT_EQ(static_cast<int>(ErrorCode::kAttributeError), v1::ATTRIBUTE_ERROR);
  EXPECT_EQ(static_cast<int>(ErrorCode::kOverflowError), v1::OVERFLOW_ERROR);
  EXPECT_EQ(static_cast<int>(ErrorCode::kBrokenBarrier), v1::BROKEN_BARRIER);
  EXPECT_EQ(static_cast<int>(ErrorCode::kStaleToken), v1::STALE_TOKEN);
  EXPECT_EQ(static_cast<int>(ErrorCode::kDeadlock), v1::DEADLOCK);
  EXPECT_EQ(static_cast<int>(ErrorCode::kAlreadyExists), v1::ALREADY_EXISTS);
  EXPECT_EQ(static_cast<int>(ErrorCode::kCancelled), v1::CANCELLED);
  EXPECT_EQ(static_cast<int>(ErrorCode::kLimitExceeded), v1::LIMIT_EXCEEDED);
  EXPECT_EQ(static_cast<int>(ErrorCode::kInternal), v1::INTERNAL);
}

TEST(ErrorsTest, ACodeOfALaterVersionIsARemoteError) {
  EXPECT_TRUE(thrown_for(static_cast<ErrorCode>(9999)) == typeid(RemoteError));
}

TEST(ErrorsTest, TheHierarchyIsThatOfTheManual) {
  static_assert(std::derived_from<Error, std::runtime_error>);
  static_assert(std::derived_from<TimeoutError, ProcessError>);
  static_assert(std::derived_from<AuthenticationError, ProcessError>);
  static_assert(std::derived_from<SessionExpired, NoSession>);
  static_assert(std::derived_from<OutcomeUnknown, ManagerError>);
  static_assert(std::derived_from<ManagerUnavailable, ManagerError>);
  static_assert(!std::derived_from<OutcomeUnknown, ManagerUnavailable>);
}

}  // namespace
}  // namespace mp
