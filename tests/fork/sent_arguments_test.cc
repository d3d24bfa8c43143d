#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "tests/fork/start_fixture.h"

// What a child gets that is not forked from its parent.

namespace mp::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

struct Point {
  int x = 0;
  std::vector<double> weights;
};
struct Node {
  int value = 0;
  std::vector<Node> children;
};
struct HoldsPointer {
  int* pointer = nullptr;
};
struct HoldsArray {
  int numbers[3] = {};
};
struct HoldsView {
  std::string_view text;
};
struct HoldsBase : Point {
  int y = 0;
};

template <class... Types>
constexpr bool all_sendable() {
  return (internal::Sendable<Types> && ...);
}
template <class... Types>
constexpr bool none_sendable() {
  return (!internal::Sendable<Types> && ...);
}

static_assert(all_sendable<int, double, bool, char, std::byte, std::string, const char*, Bytes,
                           std::string_view, std::vector<int>, std::map<std::string, Point>, Point,
                           Node, std::optional<Point>, std::tuple<int, Point>, StartMethod, Any,
                           std::array<Point, 2>, void (*)(int), std::plus<>, SharedPipe>());
static_assert(
    none_sendable<int*, void*, std::unique_ptr<int>, std::reference_wrapper<int>, HoldsPointer,
                  HoldsArray, HoldsView, HoldsBase, std::vector<HoldsPointer>,
                  std::array<HoldsPointer, 2>, std::vector<std::string_view>, std::optional<int*>,
                  std::function<void()>, Process, int Point::*>());

class SentArguments : public EveryMethod {};
INSTANTIATE_TEST_SUITE_P(By, SentArguments,
                         testing::Values(StartMethod::kSpawn, StartMethod::kForkserver),
                         name_of_param);

TEST_P(SentArguments, OfManyTypesReachTheFunction) {
  const auto tell = [](const SharedPipe& out, int number, std::string_view view, const char* text,
                       const std::string& word, const Point& point,
                       const std::map<std::string, std::optional<int>>& map, const Any& any) {
    out->write(std::to_string(number) + ' ' + std::string(view) + ' ' + text + ' ' + word + ' ' +
               std::to_string(point.x) + ' ' + std::to_string(point.weights.size()) + ' ' +
               std::to_string(map.at("one").value()) + (map.at("none") ? "" : " none ") +
               any.as<std::string>());
  };
  EXPECT_EQ(
      answer_of(tell, -42, std::string_view("view"), "text", std::string("wo\0rd", 5),
                Point{7, {0.5, 1.5}},
                std::map<std::string, std::optional<int>>{{"one", 1}, {"none", {}}}, Any("any")),
      std::string("-42 view text wo\0rd 7 2 1 none any", 34));
}

TEST_P(SentArguments, MayBeLarge) {
  const auto tell = [](const SharedPipe& out, const std::vector<double>& numbers) {
    out->write(std::to_string(numbers.size()) + ' ' + std::to_string(numbers.back()));
  };
  EXPECT_EQ(answer_of(tell, std::vector<double>(4'000'000, 2.5)), "4000000 2.500000");
}

TEST_P(SentArguments, MayBeTakenAsRvalues) {
  const auto take = [](std::string&& text) { mp::exit(static_cast<int>(text.size())); };
  EXPECT_EQ(exitcode_of_call(take, std::string("four")), 4);
}

int twice(int number) { return 2 * number; }
template <int kSummand>
int plus(int number) {
  return number + kSummand;
}

TEST_P(SentArguments, MayBeFunctionsThemselves) {
  const auto apply = [](int (*first)(int), int (*second)(int), std::multiplies<> third) {
    mp::exit(third(first(10), second(3)));
  };
  EXPECT_EQ(exitcode_of_call(apply, twice, plus<4>, std::multiplies<>()), 140);
  EXPECT_EQ(exitcode_of_call([](int (*none)(int)) { mp::exit(none == nullptr ? 3 : 4); },
                             static_cast<int (*)(int)>(nullptr)),
            3);
}

TEST_P(SentArguments, MayHoldManyDescriptors) {
  const auto count = [](const std::vector<SharedPipe>& pipes) {
    for (const SharedPipe& pipe : pipes) pipe->write("x");
  };
  const std::vector<SharedPipe> pipes(300);
  std::vector<SharedPipe> different;
  for (int i = 0; i < 200; ++i) different.emplace_back();
  EXPECT_EQ(exitcode_of_call(count, different), 0);
  for (const SharedPipe& pipe : different) EXPECT_EQ(pipe->read_available(), "x");
}

TEST_P(SentArguments, AreDestroyedInTheParentByTheStart) {
  SharedPipe pipe;
  Process child = process([](const SharedPipe&) {}, pipe);
  EXPECT_EQ(pipe.shared().use_count(), 2);
  child.start();
  EXPECT_EQ(pipe.shared().use_count(), 1);
  child.join();
}

TEST_P(SentArguments, ThatCannotGoAreNamed) {
  int number = 0;
  Process child = process(
      {.name = "p"}, [](int, int*) {}, 1, &number);
  const std::string by = "cannot start process 'p': by " + std::string(name_of(GetParam()));
  EXPECT_THAT([&] { child.start(); },
              ThrowsMessage<TypeError>(AllOf(HasSubstr(by),
                                             HasSubstr("argument 2, of type int*, can't be sent"),
                                             HasSubstr("mp::Codec"))));
  EXPECT_EQ(child.pid(), std::nullopt);
}

TEST_P(SentArguments, AClosureThatCapturesIsNamedAsTheCallable) {
  int number = 0;
  Process child = process([&number] { ++number; });
  EXPECT_THAT([&] { child.start(); },
              ThrowsMessage<TypeError>(AllOf(HasSubstr("the callable, of type"),
                                             HasSubstr("hand over what it captures"))));
}

}  // namespace

// Fails to be written, or to be read.
struct Brittle {
  enum class Fails { kWritten, kRead } fails;
};

}  // namespace mp::test

template <>
struct mp::Codec<mp::test::Brittle> {
  template <class Sink>
  static void write(Sink& out, const mp::test::Brittle& item) {
    if (item.fails == mp::test::Brittle::Fails::kWritten) throw OverflowError("not today");
    out.none();
  }
  template <class Source>
  static mp::test::Brittle read(Source& in) {
    in.none();
    throw KeyError("not here");
  }
};

namespace mp::test {
namespace {

TEST_P(SentArguments, WhatACodecThrowsInTheParentStartThrows) {
  Process child = process([](const Brittle&) {}, Brittle{Brittle::Fails::kWritten});
  EXPECT_THAT([&] { child.start(); }, ThrowsMessage<OverflowError>("not today"));
  EXPECT_EQ(child.pid(), std::nullopt);
}

TEST_P(SentArguments, WhatACodecThrowsInTheChildStandsOnStandardError) {
  const auto text = output_of(STDERR_FILENO, [] {
    Process child = process(
        {.name = "p"}, [](const Brittle&) {}, Brittle{Brittle::Fails::kRead});
    child.start();
    child.join();
    if (child.exitcode() != 1) throw ValueError("wrong exit code");
  });
  EXPECT_EQ(text, "Process p: mp::KeyError: not here\n");
}

std::set<std::string> descriptors_at_start;

void tell_descriptors(const SharedPipe& out) {
  out->write(std::to_string(open_descriptors().size()));
}

TEST_P(SentArguments, NoOtherDescriptorsGoWithThem) {
  const std::string few = answer_of(tell_descriptors);
  const int stray = ::dup(STDERR_FILENO);  // not closed on exec
  const SharedPipe gate;
  std::vector<Process> siblings;
  for (int i = 0; i < 5; ++i) {
    siblings.push_back(process([](const SharedPipe& pipe) { pipe.wait(); }, gate));
    siblings.back().start();
  }
  EXPECT_EQ(answer_of(tell_descriptors), few);
  // The standard ones, the pipe, the parent, the forkserver, and the way to tell the end.
  EXPECT_LE(std::stoi(few), 3 + 2 + 3);
  ::close(stray);
  gate.open();
  for (Process& sibling : siblings) sibling.join();
}

}  // namespace
}  // namespace mp::test
