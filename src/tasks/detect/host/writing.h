// In which order and forms letters are written, for a line of text that is read from the left.
#pragma once

#include <cstdint>
#include <vector>

namespace yoloport::tasks::detect::host {

// The characters from left to right: Arabic ones in the forms (Unicode's presentation forms) that
// join them to their neighbors, and stretches of right-to-left scripts turned around. Characters
// without a shape, such as marks of direction, are left out.
std::vector<std::uint32_t> AsWritten(const std::vector<std::uint32_t>& text);

// Whether a script combines its letters to other shapes than fonts have for single characters:
// those of India, Sri Lanka, Tibet, Myanmar, Cambodia and Mongolia.
bool NeedsComposition(std::uint32_t code_point);

// Whether a character has no shape of its own: marks of direction and joining.
bool IsInvisible(std::uint32_t code_point);

}  // namespace yoloport::tasks::detect::host
