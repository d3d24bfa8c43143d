#pragma once

// Everything: processes, and managers with their proxies.

#include "mp/batch.h"           // IWYU pragma: export
#include "mp/comparison.h"      // IWYU pragma: export
#include "mp/custom_type.h"     // IWYU pragma: export
#include "mp/exchange.h"        // IWYU pragma: export
#include "mp/future.h"          // IWYU pragma: export
#include "mp/life.h"            // IWYU pragma: export
#include "mp/local.h"           // IWYU pragma: export
#include "mp/manager.h"         // IWYU pragma: export
#include "mp/object_factory.h"  // IWYU pragma: export
#include "mp/set.h"             // IWYU pragma: export
#include "mp/typecode.h"        // IWYU pragma: export
