// Which program made a file, and how it is run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "contract/foreign/format.h"

namespace yoloport::contract::foreign {

struct Recognized {
  Description description;  // of rows, card->classes has a name for each class
  std::vector<std::string>
      notes;  // for the user: what the file was taken for, and what is not known
};

// Nothing where no format fits: then the outputs are raw heads, or nothing that is understood.
// Throws ModelError and UsageError as the formats do; UsageError, too, where the file may be of
// several formats, or of one that has the shapes of others.
std::optional<Recognized> Recognize(const Outline& outline, const ModelDescription& said);

}  // namespace yoloport::contract::foreign
