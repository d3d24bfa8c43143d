// mp-manager: what it is made of, and how it begins and ends, is in serve.cc.

#include "server/serve.h"

int main(int argc, char** argv) { return mp::server::serve(argc, argv); }
