#include "mp/internal/raised.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <exception>
#include <filesystem>
#include <future>
#include <ios>
#include <memory>
#include <new>
#include <regex>
#include <stdexcept>
#include <string>
#include <system_error>

#include "mp/errors.h"
#include "mp/pool_errors.h"

namespace mp::internal {
namespace {

using testing::HasSubstr;
using testing::StrEq;

std::string packed(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (...) {
    return pack_current_exception();
  }
}

// What catching it as an E finds after its way; the test fails if it is none.
template <class E, class Check>
void expect_after_its_way(const std::exception_ptr& error, const Check& check) {
  try {
    std::rethrow_exception(unpack_exception(packed(error)));
  } catch (const E& come) {
    check(come);
    EXPECT_NE(dynamic_cast<const RaisedInWorker*>(&come), nullptr);
  } catch (...) {
    FAIL() << "it came as another: " << describe(std::current_exception());
  }
}

template <class E, class... Args>
void expect_as_itself(Args&&... args) {
  const E error(std::forward<Args>(args)...);
  expect_after_its_way<E>(std::make_exception_ptr(error),
                          [&](const E& come) { EXPECT_THAT(come.what(), StrEq(error.what())); });
}

TEST(RaisedElsewhere, ExceptionsOfTheStandardLibraryComeAsThemselves) {
  expect_as_itself<std::out_of_range>("too far");
  expect_as_itself<std::underflow_error>("too little");
  expect_as_itself<std::bad_alloc>();
  expect_as_itself<std::bad_weak_ptr>();
  expect_as_itself<std::bad_variant_access>();
  expect_as_itself<std::exception>();
}

TEST(RaisedElsewhere, ExceptionsOfTheLibraryComeAsThemselves) {
  expect_as_itself<KeyError>("nobody");
  expect_as_itself<Empty>("nothing");
  expect_as_itself<MaybeEncodingError>("no way");
}

TEST(RaisedElsewhere, ThoseWithACodeKeepIt) {
  const auto code_is = [](const auto& code) {
    return [code](const auto& come) { EXPECT_EQ(come.code(), code); };
  };
  const auto refused = std::make_error_code(std::errc::permission_denied);
  const std::error_code of_system(ENOENT, std::system_category());
  const auto of_stream = std::make_error_code(std::io_errc::stream);
  expect_after_its_way<std::system_error>(std::make_exception_ptr(std::system_error(refused)),
                                          code_is(refused));
  expect_after_its_way<std::system_error>(std::make_exception_ptr(std::system_error(of_system)),
                                          code_is(of_system));
  expect_after_its_way<std::ios_base::failure>(
      std::make_exception_ptr(std::ios_base::failure("no file", of_stream)), code_is(of_stream));
  expect_after_its_way<std::future_error>(
      std::make_exception_ptr(std::future_error(std::future_errc::broken_promise)),
      code_is(std::make_error_code(std::future_errc::broken_promise)));
  expect_after_its_way<std::regex_error>(
      std::make_exception_ptr(std::regex_error(std::regex_constants::error_brack)),
      code_is(std::regex_constants::error_brack));
}

TEST(RaisedElsewhere, AnErrorOfTheFileSystemKeepsItsPaths) {
  const std::filesystem::filesystem_error error("cannot copy", "/from/here", "/to/there",
                                                std::make_error_code(std::errc::file_exists));
  expect_after_its_way<std::filesystem::filesystem_error>(
      std::make_exception_ptr(error), [&](const std::filesystem::filesystem_error& come) {
        EXPECT_EQ(come.path1(), error.path1());
        EXPECT_EQ(come.path2(), error.path2());
        EXPECT_EQ(come.code(), error.code());
        EXPECT_THAT(come.what(), StrEq(error.what()));
      });
}

WaitFor wait_of(const std::string& process, const std::string& lock) {
  WaitFor wait;
  wait.waiter.process_name = process;
  wait.name = lock;
  return wait;
}

TEST(RaisedElsewhere, ADeadlockKeepsItsCycle) {
  const DeadlockError error("would wait for itself",
                            {wait_of("Process-1", "till"), wait_of("Process-2", "safe")});
  expect_after_its_way<DeadlockError>(std::make_exception_ptr(error),
                                      [](const DeadlockError& come) {
                                        ASSERT_EQ(come.cycle().size(), 2);
                                        EXPECT_EQ(come.cycle()[0].name, "till");
                                        EXPECT_EQ(come.cycle()[1].waiter.process_name, "Process-2");
                                      });
}

TEST(RaisedElsewhere, WhatAMethodInTheManagerThrewKeepsItsName) {
  expect_after_its_way<MethodError>(
      std::make_exception_ptr(MethodError("no tea", "shop::OutOfStock")),
      [](const MethodError& come) { EXPECT_EQ(come.type_name(), "shop::OutOfStock"); });
}

class ShopCategory : public std::error_category {
 public:
  const char* name() const noexcept override { return "shop"; }
  std::string message(int) const override { return "sold out"; }
};

TEST(RaisedElsewhere, ACodeOfTheProgramsOwnCategoryKeepsItsNumberAndTheName) {
  const ShopCategory shop;
  const std::error_code sold_out(ENOENT, shop);
  expect_after_its_way<std::system_error>(
      std::make_exception_ptr(std::system_error(sold_out, "cannot buy")),
      [](const std::system_error& come) {
        EXPECT_THAT(come.what(), StrEq("cannot buy: sold out"));
        EXPECT_EQ(come.code().value(), ENOENT);
        EXPECT_THAT(come.code().category().name(), StrEq("shop"));
        EXPECT_THAT(come.code().message(), HasSubstr("'shop'"));
      });
}

TEST(RaisedElsewhere, ACodeOfTheProgramsOwnCategoryIsTakenForNoneOfTheStandards) {
  const ShopCategory shop;
  expect_after_its_way<std::system_error>(
      std::make_exception_ptr(std::system_error(ENOENT, shop)), [](const std::system_error& come) {
        EXPECT_NE(come.code(), std::errc::no_such_file_or_directory);
        EXPECT_NE(come.code(), std::error_code(ENOENT, std::system_category()));
      });
}

TEST(RaisedElsewhere, CodesOfOneCategoryAreEqualAfterTheirWay) {
  const ShopCategory shop;
  const auto error = std::make_exception_ptr(std::system_error(7, shop));
  expect_after_its_way<std::system_error>(error, [&](const std::system_error& first) {
    expect_after_its_way<std::system_error>(
        error, [&](const std::system_error& second) { EXPECT_EQ(first.code(), second.code()); });
  });
}

class OutOfStock : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

TEST(RaisedElsewhere, TheNameOfItsTypeComesAlongAlsoASecondTime) {
  const auto error = std::make_exception_ptr(OutOfStock("no tea"));
  const auto once = unpack_exception(packed(error));
  for (const auto& come : {once, unpack_exception(packed(once))}) {
    try {
      std::rethrow_exception(come);
    } catch (const std::runtime_error& caught) {
      EXPECT_THAT(caught.what(), StrEq("no tea"));
      EXPECT_THAT(dynamic_cast<const RaisedInWorker&>(caught).type_name(), HasSubstr("OutOfStock"));
    }
  }
}

TEST(RaisedElsewhere, WhatIsNoExceptionIsATaskError) {
  expect_after_its_way<TaskError>(std::make_exception_ptr(7), [](const TaskError& come) {
    EXPECT_THAT(come.what(), HasSubstr("int"));
  });
}

TEST(RaisedElsewhere, BytesThatAreCutOffAreAnErrorOfTheReader) {
  const std::string bytes = packed(std::make_exception_ptr(std::out_of_range("too far")));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_THROW(unpack_exception(bytes.substr(0, size)), ValueError) << size;
}

}  // namespace
}  // namespace mp::internal
