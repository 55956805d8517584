// Labels in any script, as far as the fonts of this machine have it.
#pragma once

#include <string>
#include <string_view>

#include "tasks/detect/host/letters_library.h"

namespace yoloport::tasks::detect::host {

// `text` with a ? for each letter that cannot be drawn: no font has it, its script needs letters to
// be composed in ways that are not known here (those of India, Tibet, Myanmar and Cambodia), or it
// is not UTF-8. ASCII can always be drawn.
std::string Drawable(std::string_view text);

bool IsAscii(std::string_view text);

// A text that Drawable() gave, as it is read: letters of Arabic joined, right-to-left scripts from
// the right. `capital`: the height of a capital letter in pixels. A text of more than kLongestText
// letters is too long to be a label: it has a width, but no picture.
inline constexpr std::size_t kLongestText = 256;
TextPicture DrawLetters(std::string_view text, int capital);

}  // namespace yoloport::tasks::detect::host
