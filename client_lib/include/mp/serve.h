#pragma once

namespace mp {

// The main() of a manager with types of one's own (mp/custom_type.h): it is mp-manager, with all of
// its flags, and hosts what this program has registered. Gives the exit status. Link mp::server.
//
// Python: get_server().serve_forever() of a BaseManager with registered types.
//
//   int main(int argc, char** argv) {
//     mp::register_type<Counter>("Counter").constructor<int>().method("value", &Counter::value);
//     return mp::serve(argc, argv);
//   }
int serve(int argc, char** argv);

}  // namespace mp
