// What libyoloport_letters.so gives to letters.cc: texts in the fonts of this machine, by
// fontconfig and FreeType.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace yoloport::tasks::detect::host {

inline constexpr const char* kLettersLibrary = "libyoloport_letters.so";

// Letters on a line: how much of each pixel they cover, 0 to 255, row by row.
struct TextPicture {
  int width = 0;
  int height = 0;
  int ascent = 0;  // rows above the line that letters stand on
  std::vector<std::uint8_t> alpha;
};

// Whether one of the fonts has this character. Both functions are for any thread.
extern "C" bool YoloportHasLetter(std::uint32_t code_point);

// The characters from left to right, each in the first font that has it; `capital`: the height of a
// capital letter in pixels. What no font has is left out.
extern "C" void YoloportDrawLetters(std::span<const std::uint32_t> code_points, int capital,
                                    TextPicture& picture);

}  // namespace yoloport::tasks::detect::host
