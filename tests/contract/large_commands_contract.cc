#include <string>
#include <vector>

#include "tests/contract/managers.h"

namespace mp::contract {
namespace {

class LargeCommandsContract : public Managers {};
MP_CONTRACT(LargeCommandsContract);

// Of different sizes and contents, so that nothing of one can pass for another's.
std::vector<std::string> texts() {
  std::vector<std::string> texts;
  for (const std::size_t size : {3U << 20U, 1U << 10U, 1U << 20U, 2U << 20U, 100U << 10U, 7U})
    texts.emplace_back(size, static_cast<char>('a' + texts.size()));
  return texts;
}

TEST_P(LargeCommandsContract, ArriveWholeOneAfterTheOther) {
  const auto list = manager().list<std::string>();
  for (const std::string& text : texts()) list.append(text);
  EXPECT_EQ(list.copy(), texts());
}

TEST_P(LargeCommandsContract, ArriveWholeAndInOrderWhenTheyAreOnTheirWayTogether) {
  const auto list = manager().list<std::string>();
  const auto later = list.async();
  std::vector<Future<void>> futures;
  for (int round = 0; round < 2; ++round) {
    for (const std::string& text : texts()) futures.push_back(later.append(text));
    for (auto& future : futures) future.get();
    futures.clear();
  }
  std::vector<std::string> twice = texts();
  for (const std::string& text : texts()) twice.push_back(text);
  EXPECT_EQ(list.copy(), twice);
}

TEST_P(LargeCommandsContract, LeaveNothingOfThemselvesInTheSmallOnesThatFollow) {
  const auto dict = manager().dict<std::string, std::string>();
  dict.set("large", std::string(2 << 20, 'x'));
  dict.set("small", "s");
  EXPECT_EQ(dict.at("small"), "s");
  EXPECT_EQ(dict.at("large").size(), std::size_t{2} << 20U);
}

}  // namespace
}  // namespace mp::contract
