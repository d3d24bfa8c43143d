#include <gmock/gmock.h>

#include "mp/start_method.h"

int main(int argc, char** argv) {
  mp::init(argc, argv);
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
