#pragma once

// Everything: processes, and managers with their proxies.

#include "mp/any.h"              // IWYU pragma: export
#include "mp/batch.h"            // IWYU pragma: export
#include "mp/bytes.h"            // IWYU pragma: export
#include "mp/codec.h"            // IWYU pragma: export
#include "mp/comparison.h"       // IWYU pragma: export
#include "mp/current_process.h"  // IWYU pragma: export
#include "mp/errors.h"           // IWYU pragma: export
#include "mp/exchange.h"         // IWYU pragma: export
#include "mp/future.h"           // IWYU pragma: export
#include "mp/life.h"             // IWYU pragma: export
#include "mp/manager.h"          // IWYU pragma: export
#include "mp/none.h"             // IWYU pragma: export
#include "mp/object_factory.h"   // IWYU pragma: export
#include "mp/process.h"          // IWYU pragma: export
#include "mp/range.h"            // IWYU pragma: export
#include "mp/record.h"           // IWYU pragma: export
#include "mp/repr.h"             // IWYU pragma: export
#include "mp/set.h"              // IWYU pragma: export
#include "mp/typecode.h"         // IWYU pragma: export
