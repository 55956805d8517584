// Colours of classes.
#pragma once

#include <span>

#include "yoloport/types.h"

namespace yoloport::tasks::detect::host {

// The palette's colour for a label, or one generated from the label alone: the same in every
// picture, and far from its neighbours'.
Rgb ClassColour(int label, std::span<const Rgb> palette);

// Black or white, whichever reads better on `background`.
Rgb TextColour(Rgb background);

}  // namespace yoloport::tasks::detect::host
