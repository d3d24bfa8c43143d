#include <cstring>
#include <exception>

#include "client_lib/local/pool/frames.h"
#include "client_lib/local/process/exit.h"
#include "mp/internal/pool_call.h"
#include "mp/internal/raised.h"

namespace mp::internal {

void Pieces::add_number(std::uint64_t number) {
  text_.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void Pieces::add_part(std::string_view bytes) {
  add_number(bytes.size());
  text_ += bytes;
}

void Pieces::refer_to_part(std::string_view bytes) {
  add_number(bytes.size());
  foreign_.push_back({text_.size(), bytes});
  foreign_size_ += bytes.size();
}

void Pieces::append(Pieces&& others) {
  for (Foreign& foreign : others.foreign_)
    foreign_.push_back({text_.size() + foreign.place, foreign.bytes});
  foreign_size_ += others.foreign_size_;
  text_ += others.text_;
  others.clear();
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

void Pieces::clear() {
  text_.clear();
  foreign_.clear();
  foreign_size_ = 0;
}

void TaskReply::add_none() {
  pieces_.add_number(kValueFollows);
  pieces_.add_part({});
}

void TaskReply::write(const std::function<void(Pieces&)>& add_it) {
  Pieces item;
  try {
    add_it(item);
  } catch (const std::exception& error) {
    throw MaybeEncodingError(std::string("the result of a task can't be sent: ") + error.what());
  }
  pieces_.add_number(kValueFollows);
  pieces_.append(std::move(item));
}

void TaskReply::add_current_exception() {
  std::string packed;
  try {
    throw;
  } catch (const ExitRequest&) {
    throw;
  } catch (...) {
    packed = pack_current_exception();
  }
  pieces_.add_number(kErrorFollows);
  pieces_.add_part(packed);
}

void TaskReply::clear() {
  pieces_.clear();
  kept_.clear();
}

}  // namespace mp::internal
