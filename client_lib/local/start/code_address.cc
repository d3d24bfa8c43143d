#include "mp/internal/code_address.h"

#include <elf.h>
#include <link.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "mp/errors.h"

namespace mp::internal {
namespace {

constexpr int kHexadecimal = 16;

// A file that was loaded. The system's call-back is given one after another, and ends with the
// first that `matches`.
struct Image {
  std::string file;
  std::string build_id;
  std::uintptr_t base = 0;
  bool found = false;
};

// Where files are loaded is known as numbers.
const void* as_pointer(std::uintptr_t address) {
  return reinterpret_cast<const void*>(address);  // NOLINT(performance-no-int-to-ptr)
}

std::string hexadecimal(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += kDigits[value >> 4U];
    text += kDigits[value & 15U];
  }
  return text;
}

// The build id among the notes of one segment, or nothing.
std::string build_id_in(std::string_view notes, std::size_t alignment) {
  const auto padded = [&](std::size_t size) { return (size + alignment - 1) & ~(alignment - 1); };
  while (notes.size() > sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note{};
    std::memcpy(&note, notes.data(), sizeof note);
    const std::size_t contents = sizeof note + padded(note.n_namesz);
    const std::size_t end = contents + padded(note.n_descsz);
    if (contents + note.n_descsz > notes.size()) break;
    if (note.n_type == NT_GNU_BUILD_ID &&
        notes.substr(sizeof note, note.n_namesz) == std::string_view("GNU", sizeof "GNU")) {
      return hexadecimal(notes.substr(contents, note.n_descsz));
    }
    if (end >= notes.size()) break;
    notes.remove_prefix(end);
  }
  return {};
}

std::string build_id_of(const dl_phdr_info& image) {
  for (std::size_t i = 0; i < image.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = image.dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const auto* notes = static_cast<const char*>(as_pointer(image.dlpi_addr + segment.p_vaddr));
    constexpr std::size_t kUsual = 4;
    constexpr std::size_t kWide = 8;
    std::string id =
        build_id_in({notes, segment.p_memsz}, segment.p_align == kWide ? kWide : kUsual);
    if (!id.empty()) return id;
  }
  return {};
}

bool holds(const dl_phdr_info& image, std::uintptr_t address) {
  for (std::size_t i = 0; i < image.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = image.dlpi_phdr[i];
    const std::uintptr_t begin = image.dlpi_addr + segment.p_vaddr;
    if (segment.p_type == PT_LOAD && begin <= address && address - begin < segment.p_memsz)
      return true;
  }
  return false;
}

template <class Matches>
Image find_image(const Matches& matches) {
  struct Search {
    const Matches& matches;
    Image result;
  } search{matches, {}};
  ::dl_iterate_phdr(
      [](dl_phdr_info* image, std::size_t, void* data) {
        auto& found = *static_cast<Search*>(data);
        if (!found.matches(*image)) return 0;
        found.result = {.file = image->dlpi_name,
                        .build_id = build_id_of(*image),
                        .base = image->dlpi_addr,
                        .found = true};
        return 1;
      },
      &search);
  return search.result;
}

}  // namespace

std::string encode_code(const void* code) {
  const auto address = reinterpret_cast<std::uintptr_t>(code);
  const Image image = find_image([&](const dl_phdr_info& info) { return holds(info, address); });
  if (!image.found) {
    throw ProcessError("a function can't be sent: no file that this program has loaded holds it");
  }
  if (image.build_id.empty()) {
    throw ProcessError("a function can't be sent: " +
                       (image.file.empty() ? std::string("this program") : image.file) +
                       " has no build id; link it with -Wl,--build-id");
  }
  std::array<char, 2 * sizeof address> offset{};
  const auto end = std::to_chars(offset.data(), offset.data() + offset.size(), address - image.base,
                                 kHexadecimal);
  return image.build_id + '+' + std::string(offset.data(), end.ptr);
}

const void* decode_code(std::string_view encoded) {
  const std::size_t plus = encoded.find('+');
  std::uintptr_t offset = 0;
  const std::string_view digits = plus == std::string_view::npos ? "" : encoded.substr(plus + 1);
  const auto parsed =
      std::from_chars(digits.data(), digits.data() + digits.size(), offset, kHexadecimal);
  if (digits.empty() || parsed.ptr != digits.data() + digits.size()) {
    throw ProcessError("what should be a function is none: " + std::string(encoded));
  }
  const std::string_view build_id = encoded.substr(0, plus);
  const Image image = find_image([&](const dl_phdr_info& info) {
    return build_id_of(info) == build_id && holds(info, info.dlpi_addr + offset);
  });
  if (!image.found) {
    throw ProcessError(
        "a function was sent from a file that this process has not loaded in that build, with the "
        "build id " +
        std::string(build_id) +
        ": a library was replaced, or is loaded by dlopen() in the sender only");
  }
  return as_pointer(image.base + offset);
}

}  // namespace mp::internal
