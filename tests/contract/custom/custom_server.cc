// A manager that hosts the types of the tests, and has all flags of mp-manager.

#include "mp/serve.h"
#include "tests/contract/custom/account.h"
#include "tests/contract/custom/types.h"

int main(int argc, char** argv) {
  mp::contract::register_types();
  mp::contract::register_account();
  return mp::serve(argc, argv);
}
