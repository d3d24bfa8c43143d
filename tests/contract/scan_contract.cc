#include <chrono>
#include <cstdint>
#include <map>
#include <ranges>
#include <string>
#include <vector>

#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"

namespace mp::contract {
namespace {

class ScanContract : public Managers {
 protected:
  static std::vector<int> numbers_below(int end) {
    const auto all = std::views::iota(0, end);
    return {all.begin(), all.end()};
  }
  template <class Range>
  static auto all_of(Range range) {
    std::vector<std::ranges::range_value_t<Range>> all;
    for (const auto& item : range) all.push_back(item);
    return all;
  }
  static Dict<int, std::string> squares(int end) {
    Dict<int, std::string> dict;
    for (int i = 0; i < end; ++i) dict.insert_or_assign(i, std::to_string(i * i));
    return dict;
  }
};
MP_CONTRACT(ScanContract);

TEST_P(ScanContract, OfADictShowsAllPairsInOrder) {
  auto dict = manager().dict<int, std::string>(squares(2500));
  int next = 0;
  for (const auto& [key, value] : dict.scan()) {
    ASSERT_EQ(key, next++);
    ASSERT_EQ(value, std::to_string(key * key));
  }
  EXPECT_EQ(next, 2500);
}

TEST_P(ScanContract, OfADictShowsItsKeys) {
  auto dict = manager().dict<int, std::string>(squares(50));
  EXPECT_EQ(all_of(dict.scan_keys({.entries = 7})), numbers_below(50));
}

TEST_P(ScanContract, OfASetShowsAllItemsInOrder) {
  auto set = manager().set<int>();
  set |= numbers_below(50);
  EXPECT_EQ(all_of(set.scan({.entries = 7})), numbers_below(50));
}

TEST_P(ScanContract, OfAListShowsAllItemsInOrder) {
  auto list = manager().list<int>();
  list += numbers_below(2500);
  EXPECT_EQ(all_of(list.scan()), numbers_below(2500));
  EXPECT_EQ(all_of(list.scan({.entries = 1})), numbers_below(2500));
}

TEST_P(ScanContract, OfNothingShowsNothing) {
  EXPECT_TRUE(all_of(manager().dict().scan()).empty());
  EXPECT_TRUE(all_of(manager().set().scan()).empty());
  EXPECT_TRUE(all_of(manager().list().scan()).empty());
}

TEST_P(ScanContract, WithoutTypesShowsAnything) {
  auto dict = manager().dict();
  dict["name"] = "alice";
  dict[7] = 2.5;
  std::map<std::string, std::string> shown;
  for (const auto& [key, value] : dict.scan()) shown[repr(key)] = repr(value);
  EXPECT_EQ(shown, (std::map<std::string, std::string>{{"'name'", "'alice'"}, {"7", "2.5"}}));
}

TEST_P(ScanContract, OfADictAllowsItsValuesToBeSetMeanwhile) {
  auto dict = manager().dict<int, std::string>(squares(50));
  int shown = 0;
  for (const auto& [key, value] : dict.scan({.entries = 7})) {
    dict[key] = "seen " + value;
    ++shown;
  }
  EXPECT_EQ(shown, 50);
  EXPECT_EQ(dict.at(49), "seen 2401");
}

TEST_P(ScanContract, OfADictEndsAsInPythonOnceAKeyHasComeOrGone) {
  auto dict = manager().dict<int, std::string>(squares(50));
  const auto grow = [&] {
    for (const auto& [key, value] : dict.scan({.entries = 7})) dict[key + 1000] = value;
  };
  try {
    grow();
    FAIL() << "went on";
  } catch (const RuntimeError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("dictionary changed size during iteration"));
  }
}

TEST_P(ScanContract, OfASetEndsAsInPythonOnceAnItemHasComeOrGone) {
  auto set = manager().set<int>();
  set |= numbers_below(50);
  const auto shrink = [&] {
    for (const int item : set.scan({.entries = 7})) set.discard(item);
  };
  EXPECT_THROW(shrink(), RuntimeError);
}

TEST_P(ScanContract, OfAListGoesOnAsInPythonWhileItGrows) {
  auto list = manager().list({1});
  std::vector<int> shown;
  for (const int item : list.scan()) {
    shown.push_back(item);
    if (item < 30) list.append(item + 1);
  }
  EXPECT_EQ(shown.size(), 30U);
}

TEST_P(ScanContract, OfAListFetchesFewAtATimeWhereTheyAreLarge) {
  auto list = manager().list<std::string>();
  const std::string large(1 << 20, 'x');
  for (int i = 0; i < 20; ++i) list.append(large);
  std::size_t bytes = 0;
  for (const std::string& item : list.scan()) bytes += item.size();
  EXPECT_EQ(bytes, 20 * large.size());
}

TEST_P(ScanContract, ShowsReferencesAsProxies) {
  auto dict = manager().dict<std::string, ListProxy<int>>();
  dict["a"] = manager().list({1, 2});
  for (const auto& [name, list] : dict.scan()) EXPECT_EQ(list.copy(), (std::vector{1, 2}));
}

TEST_P(ScanContract, GoesOnInAChildThatWasForkedMeanwhile) {
  MP_NEEDS_FORK();
  auto dict = manager().dict<int, std::string>(squares(50));
  auto scan = dict.scan_keys({.entries = 7});
  auto at = scan.begin();
  for (int i = 0; i < 10; ++i) ++at;
  Process child([&] {
    int last = 0;
    for (; at != scan.end(); ++at) last = *at;
    mp::exit(last);
  });
  child.start();
  child.join();
  EXPECT_EQ(child.exitcode(), 49);
  EXPECT_EQ(*at, 10);
}

}  // namespace
}  // namespace mp::contract
