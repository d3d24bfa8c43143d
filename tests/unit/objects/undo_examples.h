#pragma once

#include <vector>

namespace mp::server::test {

// The event that is no operation: a nanosecond passes.
inline constexpr const char* kClockTurns = "(the clock turns)";

// An operation, as the session that asks for it would write it.
struct Step {
  const char* rpc;  // or kClockTurns
  const char* request;
  int session = 1;
};

// The states that an object of a kind is tried in, and the operations that are tried.
struct Examples {
  const char* service;
  struct State {
    const char* create;
    std::vector<Step> before;
  };
  std::vector<State> states;
  std::vector<Step> operations;
};

inline const std::vector<Examples>& examples() {
  static const std::vector<Examples> kExamples = {
      {.service = "mp.v1.Dict",
       .states = {{"", {}},
                  {"entries { key { str: 'a' } value { int: 1 } } entries { key { str: 'b' } value "
                   "{ ref { id: 7 "
                   "kind: 'list' } } } entries { key { int: 3 } value { str: 'x' } }",
                   {}},
                  {"entries { key { str: 'a' } value { str: 'x' } } entries { key { str: 'b' } "
                   "value { int: 2 } }",
                   {{"Delete", "key { str: 'a' }"}, {"Set", "key { str: 'a' } value { int: 5 }"}}},
                  // As many holes as entries: one more key, and the table may be compacted.
                  {"",
                   {{"Set", "key { int: 1 } value { int: 1 }"},
                    {"Set", "key { int: 2 } value { int: 1 }"},
                    {"Set", "key { int: 3 } value { int: 1 }"},
                    {"Set", "key { str: 'b' } value { int: 1 }"},
                    {"Set", "key { str: 'a' } value { int: 1 }"},
                    {"Delete", "key { int: 1 }"},
                    {"Delete", "key { int: 2 }"},
                    {"Delete", "key { int: 3 }"}}}},
       .operations =
           {{"Set", "key { str: 'a' } value { int: 9 }"},
            {"Set", "key { str: 'new' } value { list {} }"},
            {"Set", "key { list {} } value { int: 9 }"},
            {"Delete", "key { str: 'a' }"},
            {"Delete", "key { str: 'b' }"},
            {"Clear", ""},
            {"Pop", "key { str: 'a' }"},
            {"Pop", "key { str: 'none' } default { int: 1 }"},
            {"PopItem", ""},
            {"SetDefault", "key { str: 'a' } value { int: 9 }"},
            {"SetDefault", "key { str: 'other' } value { int: 9 }"},
            {"Update",
             "entries { key { str: 'b' } value { int: 8 } } entries { key { str: 'z' } value { "
             "int: 8 } }"},
            {"Update",
             "entries { key { str: 'b' } value { int: 8 } } entries { key { str: 'z' } }"},
            {"Add", "key { str: 'a' } operand { int: 4 }"},
            {"Add", "key { str: 'sum' } operand { str: 's' }"},
            {"CompareExchange", "key { str: 'a' } expected { int: 1 } desired { int: 2 }"},
            {"CompareExchange", "key { str: 'a' } expected { int: 1 }"},
            {"CompareExchange", "key { str: 'absent' } desired { int: 2 }"}}},
      {.service = "mp.v1.List",
       .states = {{"", {}},
                  {"values { int: 3 } values { int: 1 } values { float: 2 } values { int: 2 } "
                   "values { int: 5 }",
                   {}},
                  {"values { str: 'x' } values { ref { id: 7 kind: 'dict' } } values { int: 1 }",
                   {}}},
       .operations = {{"Set", "index: 0 value { str: 'new' }"},
                      {"Set", "index: 99 value { str: 'new' }"},
                      {"Delete", "index: 1"},
                      {"SetSlice", "slice { start: 1 stop: 3 } values { int: 7 }"},
                      {"SetSlice",
                       "slice { start: 1 stop: 1 } values { int: 7 } values { int: 8 }"},
                      {"SetSlice",
                       "slice { step: -2 } values { int: 7 } values { int: 8 } values { int: 9 }"},
                      {"SetSlice", "slice { step: 2 } values { int: 7 } values { int: 8 }"},
                      {"DeleteSlice", "slice { start: 1 stop: 3 }"},
                      {"DeleteSlice", "slice { step: 2 }"},
                      {"DeleteSlice", "slice { step: 0 }"},
                      {"Append", "value { int: 6 }"},
                      {"Append", ""},
                      {"Extend", "values { int: 6 } values { str: 'a' }"},
                      {"Extend", "values { int: 6 } values { }"},
                      {"Insert", "index: -1 value { int: 6 }"},
                      {"Pop", ""},
                      {"Pop", "index: 0"},
                      {"Remove", "value { int: 2 }"},
                      {"Clear", ""},
                      {"Reverse", ""},
                      {"Sort", ""},
                      {"Sort", "reverse: true"},
                      {"Repeat", "count: 3"},
                      {"Repeat", "count: 0"},
                      {"Add", "index: 0 operand { int: 1 }"}}},
      {.service = "mp.v1.Queue",
       .states = {{"", {}},
                  {"", {{"Get", "", 2}}},
                  {"",
                   {{"Put", "value { int: 1 }"}, {"Put", "value { ref { id: 7 kind: 'dict' } }"}}},
                  {"", {{"Put", "value { int: 1 }"}, {"Get", ""}, {"Put", "value { int: 2 }"}}},
                  {"maxsize: 2", {{"Put", "value { int: 1 }"}}},
                  {"maxsize: 1",
                   {{"Put", "value { int: 1 }"},
                    {"Put", "value { int: 2 }", 2},
                    {"Put", "value { int: 3 }", 3}}},
                  {"", {{"Put", "value { int: 1 }"}, {"Shutdown", ""}}},
                  {"", {{"Put", "value { int: 1 }"}, {"Shutdown", "immediate: true"}}}},
       .operations = {{"Put", "value { int: 9 }"},
                      {"Put", ""},
                      {"Get", ""},
                      {"Shutdown", ""},
                      {"Shutdown", "immediate: true"}}},
      {.service = "mp.v1.Lock",
       .states = {{"", {}},
                  {"", {{"Acquire", ""}}},
                  {"", {{"Acquire", "", 2}}},
                  {"",
                   {{"Acquire", "lease { seconds: 5 }"},
                    {"Acquire", "", 2},
                    {"Acquire", "timeout { seconds: 1 }", 3}}},
                  {"", {{"Acquire", "lease { nanos: 1 }", 2}, {kClockTurns, ""}}}},
       .operations = {{"Acquire", ""},
                      {"Acquire", "lease { seconds: 2 }"},
                      {"Acquire", "lease {}"},
                      {"Release", ""}}},
  };
  return kExamples;
}

}  // namespace mp::server::test
