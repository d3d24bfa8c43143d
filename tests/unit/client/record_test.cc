#include "mp/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "mp/any.h"
#include "mp/codec.h"
#include "mp/errors.h"
#include "tests/unit/client/wire_form.h"

namespace geometry {

struct Point {
  double x = 0, y = 0;
  friend bool operator==(const Point&, const Point&) = default;
};
MP_RECORD(Point, x, y)

struct Shape {
  std::string name;
  std::vector<Point> corners;
  friend bool operator==(const Shape&, const Shape&) = default;
};
MP_RECORD(Shape, name, corners);

struct Nothing {
  friend bool operator==(const Nothing&, const Nothing&) = default;
};
MP_RECORD(Nothing)

class Wide {
 public:
  int a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8, i = 9, j = 10, k = 11, l = 12, m = 13,
      n = 14, o = 15, p = 16, q = 17, r = 18, s = 19, t = 20, u = 21, v = 22, w = 23, x = 24,
      y = 25, z = 26;
  friend bool operator==(const Wide&, const Wide&) = default;
};
MP_RECORD(Wide, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z)

}  // namespace geometry

namespace mp {
namespace {

using geometry::Point;
using geometry::Shape;
using testing::ThrowsMessage;

TEST(RecordTest, IsLegibleOnTheWire) {
  EXPECT_EQ(wire_form(Point{1, 2}),
            "record { type: \"Point\" fields { name: \"x\" value { float: 1 } } "
            "fields { name: \"y\" value { float: 2 } } }");
  EXPECT_EQ(wire_form(geometry::Nothing()), "record { type: \"Nothing\" }");
}

TEST(RecordTest, ComesBackOverTheWireAndThroughAny) {
  const Shape shape{"triangle", {{0, 0}, {1, 0}, {0, 1}}};
  EXPECT_EQ(decode<Shape>(bytes_of(shape)), shape);
  EXPECT_EQ(Any(shape).as<Shape>(), shape);
  EXPECT_EQ(decode<geometry::Wide>(bytes_of(geometry::Wide())), geometry::Wide());
  EXPECT_EQ(decode<geometry::Nothing>(bytes_of(geometry::Nothing())), geometry::Nothing());
}

TEST(RecordTest, PrintsAsADataclass) {
  EXPECT_EQ(repr(Shape{"dot", {{0.5, 1}}}), "Shape(name='dot', corners=[Point(x=0.5, y=1.0)])");
}

TEST(RecordTest, IsReadInAnyOrderOfFields) {
  EXPECT_EQ(from_wire_form<Point>("record { type: 'Point' fields { name: 'y' value { int: 2 } } "
                                  "fields { name: 'x' value { float: 1 } } }"),
            (Point{1, 2}));
}

TEST(RecordTest, AnotherTypeIsATypeError) {
  EXPECT_THAT([] { from_wire_form<Point>("record { type: 'Circle' }"); },
              ThrowsMessage<TypeError>("record Point expected, found a 'Circle'"));
  EXPECT_THAT([] { from_wire_form<Point>("int: 1"); },
              ThrowsMessage<TypeError>("expected record, found int"));
}

TEST(RecordTest, AnUnknownMissingOrMistypedFieldIsATypeErrorThatNamesIt) {
  EXPECT_THAT(
      [] {
        from_wire_form<Point>("record { type: 'Point' fields { name: 'z' value { int: 2 } } }");
      },
      ThrowsMessage<TypeError>("record Point has no field 'z'"));
  EXPECT_THAT(
      [] {
        from_wire_form<Point>("record { type: 'Point' fields { name: 'x' value { int: 2 } } }");
      },
      ThrowsMessage<TypeError>("record Point lacks the field 'y'"));
  EXPECT_THAT(
      [] {
        from_wire_form<Point>("record { type: 'Point' fields { name: 'x' value { str: 'a' } } }");
      },
      ThrowsMessage<TypeError>("Point.x: expected float, found str"));
}

TEST(RecordTest, CanBeAKey) {
  Any::Dict dict;
  dict[Point{1, 2}] = "here";
  EXPECT_EQ(dict.at(Point{1, 2}), "here");
}

}  // namespace
}  // namespace mp
