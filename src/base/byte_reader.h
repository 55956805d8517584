// The one home of bounds checks and byte order for binary formats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

namespace yoloport::base {

// A cursor over bytes that never reads past their end. Each format reader turns the `false`/`ok()`
// it gets into its own message: only it knows what was being read.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes, std::size_t at = 0)
      : bytes_(bytes), at_(at <= bytes.size() ? at : bytes.size()) {}

  std::size_t position() const { return at_; }
  std::size_t remaining() const { return bytes_.size() - at_; }

  // Reads a little-endian integer or IEEE float. False (and nothing consumed) when too few bytes
  // are left.
  template <typename T>
  [[nodiscard]] bool Read(T& value) {
    static_assert(std::is_arithmetic_v<T>);
    if (remaining() < sizeof(T)) return false;
    std::memcpy(&value, bytes_.data() + at_,
                sizeof(T));  // the hosts we build for are little-endian
    at_ += sizeof(T);
    return true;
  }

  // A view of the next `count` bytes. False (and nothing consumed) when fewer are left.
  [[nodiscard]] bool ReadBytes(std::uint64_t count, std::span<const std::byte>& view) {
    if (count > remaining()) return false;
    view = bytes_.subspan(at_, static_cast<std::size_t>(count));
    at_ += static_cast<std::size_t>(count);
    return true;
  }

  [[nodiscard]] bool ReadText(std::uint64_t count, std::string_view& text) {
    std::span<const std::byte> view;
    if (!ReadBytes(count, view)) return false;
    text = {reinterpret_cast<const char*>(view.data()), view.size()};
    return true;
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_;
};

}  // namespace yoloport::base
