#include "server/objects/scan.h"

#include <functional>
#include <string>
#include <vector>

#include "tests/unit/objects/harness.h"

namespace mp::server {
namespace {

using test::literal;
using test::Result;
using test::Shell;

class ScanTest : public testing::Test {
 protected:
  // Keys 0, 1, 2 ... with values 100 times as large.
  void fill(int entries) {
    for (int i = 0; i < entries; ++i) set(std::to_string(i), std::to_string(100 * i));
  }
  void set(const std::string& key, const std::string& value) {
    v1::DictSetRequest request;
    *request.mutable_key() = literal(key);
    *request.mutable_value() = literal(value);
    EXPECT_EQ(dict.ask(request), "done");
  }
  void erase(const std::string& key) {
    v1::DictDeleteRequest request;
    *request.mutable_key() = literal(key);
    EXPECT_EQ(dict.ask(request), "done");
  }
  v1::Outcome run(const v1::DictScanRequest& request) {
    return dict.run(++last_ticket_, request).front().outcome;
  }
  // The next part, of which `request` then knows where it ends.
  std::vector<std::int64_t> next(v1::DictScanRequest& request) {
    const v1::Outcome outcome = run(request);
    EXPECT_FALSE(outcome.has_error()) << outcome.error().message();
    const v1::DictScanReply& reply = outcome.dict_scan();
    request.set_position(reply.position());
    request.set_shape(reply.shape());
    std::vector<std::int64_t> keys;
    for (const v1::Entry& entry : reply.entries()) {
      keys.push_back(entry.key().int_());
      if (!request.keys_only()) {
        EXPECT_EQ(entry.value().int_(), 100 * keys.back());
      }
    }
    return keys;
  }
  v1::DictScanRequest parts_of(std::uint32_t limit) {
    v1::DictScanRequest request;
    request.set_limit(limit);
    return request;
  }

  Shell dict{v1::DictCreateRequest()};
  int last_ticket_ = 0;
};

using Keys = std::vector<std::int64_t>;

TEST_F(ScanTest, GoesThroughTheEntriesInOrderOfInsertionPartByPart) {
  fill(7);
  v1::DictScanRequest scan = parts_of(3);
  EXPECT_EQ(next(scan), (Keys{0, 1, 2}));
  EXPECT_EQ(next(scan), (Keys{3, 4, 5}));
  EXPECT_EQ(next(scan), (Keys{6}));
  EXPECT_EQ(scan.position(), 0U);
}

TEST_F(ScanTest, APartThatEndsWithTheEntriesIsTheLastOne) {
  fill(6);
  v1::DictScanRequest scan = parts_of(3);
  next(scan);
  EXPECT_EQ(next(scan), (Keys{3, 4, 5}));
  EXPECT_EQ(scan.position(), 0U);
}

TEST_F(ScanTest, OfNothingGivesAnEmptyLastPart) {
  v1::DictScanRequest scan = parts_of(3);
  EXPECT_EQ(next(scan), Keys{});
  EXPECT_EQ(scan.position(), 0U);
}

TEST_F(ScanTest, PassesOverWhatWasErasedBeforeItBegan) {
  fill(8);
  for (const char* key : {"0", "3", "4", "7"}) erase(key);
  v1::DictScanRequest scan = parts_of(2);
  EXPECT_EQ(next(scan), (Keys{1, 2}));
  EXPECT_EQ(next(scan), (Keys{5, 6}));
  EXPECT_EQ(scan.position(), 0U);
}

TEST_F(ScanTest, OfKeysHasNoValues) {
  fill(2);
  v1::DictScanRequest scan;
  scan.set_keys_only(true);
  const v1::Outcome outcome = run(scan);
  for (const v1::Entry& entry : outcome.dict_scan().entries()) EXPECT_FALSE(entry.has_value());
  EXPECT_EQ(outcome.dict_scan().entries_size(), 2);
}

TEST_F(ScanTest, GoesOnAfterAValueWasReplaced) {
  fill(4);
  v1::DictScanRequest scan = parts_of(2);
  next(scan);
  set("0", "5");
  EXPECT_EQ(next(scan), (Keys{2, 3}));
}

TEST_F(ScanTest, ShowsAValueAsItIsWhenItsPartIsFetched) {
  fill(4);
  v1::DictScanRequest scan = parts_of(3);
  next(scan);
  set("3", "5");
  EXPECT_EQ(run(scan).dict_scan().entries(0).value().int_(), 5);
}

TEST_F(ScanTest, GoesOnOnceMoreFromTheSamePlace) {
  fill(4);
  v1::DictScanRequest scan = parts_of(2);
  next(scan);
  v1::DictScanRequest again = scan;
  EXPECT_EQ(next(scan), (Keys{2, 3}));
  EXPECT_EQ(next(again), (Keys{2, 3}));
}

TEST_F(ScanTest, EndsWithPythonsWordsOnceAKeyHasComeOrGone) {
  const std::vector<std::function<void()>> changes = {
      [&] { set("'new'", "1"); }, [&] { erase("0"); },
      [&] {
        erase("1");
        set("1", "100");
      },
      [&] { dict.ask(v1::DictPopItemRequest()); }, [&] { dict.ask(v1::DictClearRequest()); }};
  for (const auto& change : changes) {
    dict.ask(v1::DictClearRequest());
    fill(4);
    v1::DictScanRequest scan = parts_of(2);
    next(scan);
    change();
    const v1::Error error = run(scan).error();
    EXPECT_EQ(error.code(), v1::RUNTIME_ERROR);
    EXPECT_EQ(error.message(), "dictionary changed size during iteration");
  }
}

TEST_F(ScanTest, EndsAlsoWhereTheChangeWasUndone) {
  for (const bool clear : {true, false}) {
    fill(4);
    v1::DictScanRequest scan = parts_of(2);
    next(scan);
    UndoLog undo;
    v1::DictSetRequest add;
    *add.mutable_key() = literal("'new'");
    *add.mutable_value() = literal("1");
    if (clear) dict.run_in_batch(1, v1::DictClearRequest(), undo);
    dict.run_in_batch(1, add, undo);
    undo.run();
    EXPECT_EQ(run(scan).error().code(), v1::RUNTIME_ERROR);
  }
}

TEST_F(ScanTest, AShapeIsNeverTheSameAgain) {
  std::set<std::uint64_t> shapes;
  for (int round = 0; round < 20; ++round) {
    fill(3);
    v1::DictScanRequest scan;
    next(scan);
    EXPECT_TRUE(shapes.insert(scan.shape()).second) << scan.shape();
    dict.ask(v1::DictClearRequest());
  }
}

TEST_F(ScanTest, APositionThatIsNoneIsAValueError) {
  fill(4);
  v1::DictScanRequest scan = parts_of(2);
  next(scan);
  for (const std::uint64_t position : {std::uint64_t{5}, std::uint64_t{1} << 40, UINT64_MAX}) {
    scan.set_position(position);
    EXPECT_EQ(run(scan).error().code(), v1::VALUE_ERROR);
  }
}

TEST_F(ScanTest, AShapeThatIsNoneIsARuntimeError) {
  fill(4);
  v1::DictScanRequest scan = parts_of(2);
  next(scan);
  for (const std::uint64_t shape : {std::uint64_t{0}, scan.shape() + 1, UINT64_MAX}) {
    scan.set_shape(shape);
    EXPECT_EQ(run(scan).error().code(), v1::RUNTIME_ERROR);
  }
}

TEST_F(ScanTest, AShapeOfAnotherDictIsARuntimeError) {
  fill(4);
  v1::DictScanRequest scan = parts_of(2);
  next(scan);
  dict.object().be_hosted_as(2);
  EXPECT_EQ(run(scan).error().code(), v1::RUNTIME_ERROR) << "of as many entries and changes";
}

TEST_F(ScanTest, APartHasNoMoreEntriesThanAreFit) {
  fill(12'000);
  EXPECT_EQ(run({}).dict_scan().entries_size(), 1'000);
  v1::DictScanRequest scan = parts_of(UINT32_MAX);
  EXPECT_EQ(run(scan).dict_scan().entries_size(), 10'000);
}

TEST_F(ScanTest, APartHasAboutAsManyBytesAsAskedForAndAtLeastOneEntry) {
  const std::string large = "'" + std::string(1000, 'x') + "'";
  for (int i = 0; i < 20; ++i) set(std::to_string(i), large);
  v1::DictScanRequest scan;
  scan.set_max_bytes(5000);
  EXPECT_EQ(run(scan).dict_scan().entries_size(), 4);
  scan.set_max_bytes(1);
  EXPECT_EQ(run(scan).dict_scan().entries_size(), 1);
}

TEST_F(ScanTest, APartIsBoundedInBytesWhateverIsAskedFor) {
  const std::string large = "'" + std::string(1 << 20, 'x') + "'";
  for (int i = 0; i < 8; ++i) set(std::to_string(i), large);
  v1::DictScanRequest scan;
  EXPECT_EQ(run(scan).dict_scan().entries_size(), 1);
  scan.set_max_bytes(UINT64_MAX);
  EXPECT_EQ(run(scan).dict_scan().entries_size(), 3);
}

TEST(SetScanTest, GoesThroughTheItemsAndEndsOnceOneHasComeOrGone) {
  Shell set{v1::SetCreateRequest()};
  for (int i = 0; i < 5; ++i) {
    v1::SetAddRequest add;
    add.mutable_item()->set_int_(i);
    set.ask(add);
  }
  v1::SetScanRequest scan;
  scan.set_limit(3);
  const v1::SetScanReply first = set.run(1, scan).front().outcome.set_scan();
  ASSERT_EQ(first.items_size(), 3);
  EXPECT_EQ(first.items(2).int_(), 2);
  scan.set_position(first.position());
  scan.set_shape(first.shape());
  EXPECT_EQ(set.run(2, scan).front().outcome.set_scan().items_size(), 2);
  set.ask(v1::SetPopRequest());
  const v1::Error error = set.run(3, scan).front().outcome.error();
  EXPECT_EQ(error.code(), v1::RUNTIME_ERROR);
  EXPECT_EQ(error.message(), "Set changed size during iteration");
}

}  // namespace
}  // namespace mp::server
