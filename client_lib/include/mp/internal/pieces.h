#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// The body of a task or of a reply: parts, one after another. Before each stands a byte with its
// size, or, for a long one, kLongPart, its size in eight bytes, and as many zeros as bring it to a
// multiple of kPartAlignment. kErrorPart stands before the part of an error.

namespace mp::internal {

inline constexpr unsigned char kErrorPart = 255;
inline constexpr unsigned char kLongPart = 254;
inline constexpr std::size_t kPartAlignment = 16;

// A body in the making. Large parts may stay where they are until it is sent.
class Pieces {
 public:
  void add_part(std::string_view bytes) {
    if (bytes.size() >= kLongPart) return add_long_part(bytes);
    text_ += static_cast<char>(bytes.size());
    text_ += bytes;
  }
  // The same; the bytes must stay where they are.
  void refer_to_part(std::string_view bytes);
  // The next part is an error's.
  void mark_error() { text_ += static_cast<char>(kErrorPart); }

  // To return to if what comes next can't be written.
  struct Mark {
    std::size_t text;
    std::size_t foreign;
    std::size_t foreign_size;
  };
  Mark mark() const { return {text_.size(), foreign_.size(), foreign_size_}; }
  void rewind(const Mark& mark);
  void clear() { rewind({0, 0, 0}); }

  std::size_t size() const { return text_.size() + foreign_size_; }
  void append_to(std::string& bytes) const;
  void copy_to(char* memory) const;

  // From which size on it is worth while to refer.
  static constexpr std::size_t kLarge = std::size_t{64} * 1024;

 private:
  struct Foreign {
    std::size_t place;  // in text_
    std::string_view bytes;
  };
  template <class Take>
  void each(const Take& take) const;
  void add_long_part(std::string_view bytes);
  void begin_long_part(std::uint64_t size);

  std::string text_;
  std::vector<Foreign> foreign_;
  std::size_t foreign_size_ = 0;
};

struct Part {
  std::string_view bytes;
  bool is_error = false;
};

// The parts of a body, one by one.
class PartReader {
 public:
  explicit PartReader(std::string_view body) : body_(body) {}

  // Errors: ValueError if there is none left.
  Part next();

 private:
  std::string_view take(std::size_t size);

  std::string_view body_;
  std::size_t place_ = 0;
};

}  // namespace mp::internal
