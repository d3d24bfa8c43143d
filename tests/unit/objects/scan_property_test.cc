#include <algorithm>
#include <utility>
#include <vector>

#include "tests/unit/objects/random_history.h"

// Scans of a dict interleaved with random operations and batches that are undone, against a vector
// of entries: as long as no key has come or gone a scan shows them all, and then it ends.

namespace mp::server {
namespace {

struct Model {
  std::vector<std::pair<int, int>> entries;  // in order of insertion
};

class ScanHistory : public test::OperationHistory<Model> {
 public:
  explicit ScanHistory(unsigned seed) : OperationHistory(seed, v1::DictCreateRequest()) {}

 private:
  struct Scan {
    v1::DictScanRequest request;
    std::size_t shown = 0;  // of the model's entries
    bool changed = false;
  };

  void check() override {
    if (in_batch_ && one_in(3)) {
      object_.settle();  // where many were erased, the rest moves together: a scan may end
      scans_.clear();
    }
    if (scans_.size() < 3) scans_.emplace_back();
    go_on(static_cast<std::size_t>(below(static_cast<int>(scans_.size()))));
  }

  void go_on(std::size_t which) {
    Scan& scan = scans_[which];
    scan.request.set_limit(static_cast<std::uint32_t>(1 + below(6)));
    const v1::Outcome outcome = object_.run(++last_ticket_, scan.request).front().outcome;
    const bool begun = scan.request.position() != 0;
    if (begun && scan.changed) {
      EXPECT_EQ(outcome.error().code(), v1::RUNTIME_ERROR);
    } else {
      ASSERT_FALSE(outcome.has_error()) << outcome.error().message();
      expect_part(scan, outcome.dict_scan());
      if (outcome.dict_scan().position() != 0) return;
      EXPECT_EQ(scan.shown, model_.entries.size());
    }
    scans_.erase(scans_.begin() + static_cast<std::ptrdiff_t>(which));
  }

  void expect_part(Scan& scan, const v1::DictScanReply& reply) {
    scan.changed = false;
    for (const v1::Entry& entry : reply.entries()) {
      ASSERT_LT(scan.shown, model_.entries.size());
      const auto& [key, value] = model_.entries[scan.shown++];
      EXPECT_EQ(entry.key().int_(), key);
      EXPECT_EQ(entry.value().int_(), value);
    }
    scan.request.set_position(reply.position());
    scan.request.set_shape(reply.shape());
  }

  void one_operation(UndoLog* log) override {
    in_batch_ = log != nullptr;
    const int key = below(60);
    const auto at = std::ranges::find(model_.entries, key, &std::pair<int, int>::first);
    const bool there = at != model_.entries.end();
    switch (below(20)) {
      case 0:
        if (!one_in(4)) return;
        change();
        model_.entries.clear();
        return expect(v1::DictClearRequest(), "done", log);
      case 1:
      case 2:
      case 3:
      case 4:
        if (!there) return;
        change();
        model_.entries.erase(at);
        return expect(erase(key), "done", log);
      default:
        break;
    }
    const int value = below(1000);
    if (there) {
      at->second = value;
    } else {
      change();
      model_.entries.emplace_back(key, value);
    }
    expect(set(key, value), "done", log);
  }

  void change() {
    for (Scan& scan : scans_) scan.changed = true;
  }

  static v1::DictSetRequest set(int key, int value) {
    v1::DictSetRequest request;
    request.mutable_key()->set_int_(key);
    request.mutable_value()->set_int_(value);
    return request;
  }
  static v1::DictDeleteRequest erase(int key) {
    v1::DictDeleteRequest request;
    request.mutable_key()->set_int_(key);
    return request;
  }

  std::vector<Scan> scans_;
  bool in_batch_ = false;
  int last_ticket_ = 1'000'000;
};

TEST(ScanPropertyTest, ShowsEveryEntryOnceOrEndsUnderRandomOperations) {
  test::for_each_seed(100, [](unsigned seed) { ScanHistory(seed).run(400); });
}

}  // namespace
}  // namespace mp::server
