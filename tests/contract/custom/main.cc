#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/custom/types.h"

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  mp::contract::register_types();
  return RUN_ALL_TESTS();
}
