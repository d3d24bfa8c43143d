#include "client_lib/manager/custom_host.h"
#include "mp/serve.h"
#include "server/serve.h"

namespace mp {

int serve(int argc, char** argv) {
  return server::serve(argc, argv, &internal::host_registered_types);
}

}  // namespace mp
