// Numbers as text that does not depend on the locale.
#pragma once

#include <array>
#include <charconv>
#include <string>

namespace yoloport::base {

// The shortest digits that read back as the same value; integers in full.
template <typename Number>
std::string NumberText(Number number) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr};
}

}  // namespace yoloport::base
