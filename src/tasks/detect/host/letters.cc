#include "tasks/detect/host/letters.h"

#include <algorithm>

#include "base/shared_library.h"
#include "base/utf8.h"
#include "tasks/detect/host/writing.h"
#include "yoloport/error.h"

namespace yoloport::tasks::detect::host {
namespace {

using Text = std::vector<std::uint32_t>;

constexpr std::uint32_t kNoLetter = '?';

// Null where the module was not built, or what it needs is not on this machine: then no letter
// beyond ASCII can be drawn.
template <typename Function>
Function* Load(const char* name) {
  try {
    return base::LoadFunction<Function>("the module for letters", kLettersLibrary, name);
  } catch (const RuntimeError&) {
    return nullptr;
  }
}

bool HasLetter(std::uint32_t code_point) {
  static const auto has_letter = Load<decltype(YoloportHasLetter)>("YoloportHasLetter");
  return has_letter != nullptr && has_letter(code_point);
}

bool IsAsciiLetter(std::uint32_t c) { return c >= ' ' && c <= '~'; }

bool CanBeDrawn(std::uint32_t c) {
  if (IsAsciiLetter(c) || IsInvisible(c)) return true;
  const bool is_control = c < ' ' || (c >= 0x7F && c < 0xA0);
  if (is_control || NeedsComposition(c)) return false;
  // Fonts without the forms that join letters cannot write Arabic.
  return std::ranges::all_of(AsWritten({c}), HasLetter);
}

Text Decode(std::string_view text) {
  Text code_points;
  while (!text.empty()) {
    const base::CodePoint next = base::DecodeUtf8(text);
    code_points.push_back(next.value);
    text.remove_prefix(next.length);
  }
  return code_points;
}

}  // namespace

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return IsAsciiLetter(static_cast<unsigned char>(c)); });
}

std::string Drawable(std::string_view text) {
  std::string drawable;
  if (!base::IsUtf8(text)) {
    for (const char c : text) drawable += IsAsciiLetter(static_cast<unsigned char>(c)) ? c : '?';
    return drawable;
  }
  for (const std::uint32_t c : Decode(text)) {
    base::AppendUtf8(drawable, CanBeDrawn(c) ? c : kNoLetter);
  }
  return drawable;
}

TextPicture DrawLetters(std::string_view text, int capital) {
  static const auto draw = Load<decltype(YoloportDrawLetters)>("YoloportDrawLetters");
  const Text letters = AsWritten(Decode(text));
  TextPicture picture;
  if (letters.size() > kLongestText) {
    picture.width = static_cast<int>(std::min<std::size_t>(letters.size(), 1 << 20)) * capital;
  } else if (draw != nullptr) {
    draw(letters, capital, picture);
  }
  return picture;
}

}  // namespace yoloport::tasks::detect::host
