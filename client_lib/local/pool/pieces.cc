#include "mp/internal/pieces.h"

#include <cstring>

#include "mp/errors.h"

namespace mp::internal {
namespace {

std::size_t padding_at(std::size_t place) {
  return (kPartAlignment - place % kPartAlignment) % kPartAlignment;
}

}  // namespace

void Pieces::begin_long_part(std::uint64_t size) {
  text_ += static_cast<char>(kLongPart);
  text_.append(reinterpret_cast<const char*>(&size), sizeof size);
  text_.append(padding_at(this->size()), '\0');
}

void Pieces::add_long_part(std::string_view bytes) {
  begin_long_part(bytes.size());
  text_ += bytes;
}

void Pieces::refer_to_part(std::string_view bytes) {
  begin_long_part(bytes.size());
  foreign_.push_back({text_.size(), bytes});
  foreign_size_ += bytes.size();
}

void Pieces::rewind(const Mark& mark) {
  text_.resize(mark.text);
  foreign_.resize(mark.foreign);
  foreign_size_ = mark.foreign_size;
}

template <class Take>
void Pieces::each(const Take& take) const {
  const std::string_view text = text_;
  std::size_t done = 0;
  for (const Foreign& foreign : foreign_) {
    take(text.substr(done, foreign.place - done));
    take(foreign.bytes);
    done = foreign.place;
  }
  take(text.substr(done));
}

void Pieces::append_to(std::string& bytes) const {
  bytes.reserve(bytes.size() + size());
  each([&](std::string_view piece) { bytes += piece; });
}

void Pieces::copy_to(char* memory) const {
  each([&](std::string_view piece) {
    std::memcpy(memory, piece.data(), piece.size());
    memory += piece.size();
  });
}

std::string_view PartReader::take(std::size_t size) {
  if (body_.size() - place_ < size)
    throw ValueError("a part of a task, or of its reply, is missing");
  place_ += size;
  return body_.substr(place_ - size, size);
}

Part PartReader::next() {
  auto first = static_cast<unsigned char>(take(1)[0]);
  Part part{.bytes = {}, .is_error = first == kErrorPart};
  if (part.is_error) first = static_cast<unsigned char>(take(1)[0]);
  std::uint64_t size = first;
  if (first == kLongPart) {
    std::memcpy(&size, take(sizeof size).data(), sizeof size);
    take(padding_at(place_));
  } else if (first == kErrorPart) {
    throw ValueError("a part of a task, or of its reply, is twice an error");
  }
  part.bytes = take(size);
  return part;
}

}  // namespace mp::internal
