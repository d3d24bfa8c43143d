#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "mp/proxy/dict.h"
#include "tests/unit/client/fake_remote_object.h"

namespace mp {

// A dict whose manager is a fake, through a typed and a dynamic proxy.
class DictFixture : public testing::Test {
 protected:
  std::shared_ptr<FakeRemoteObject> fake = std::make_shared<FakeRemoteObject>("dict");
  DictProxy<std::string, int> scores{fake};
  DictProxy<> any{fake};

  std::string sent() { return fake->sent(); }
  void answer(const std::string& outcome) { fake->answer(outcome); }
};

}  // namespace mp
