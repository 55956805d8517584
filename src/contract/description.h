// What a caller says of a model file, checked and applied.
#pragma once

#include <string>
#include <vector>

#include "contract/raw_head.h"
#include "yoloport/model_description.h"
#include "yoloport/types.h"

namespace yoloport::contract {

// Each value by itself. `type` must be in lower case. Throws UsageError.
void CheckDescription(const ModelDescription& said);

// The names and the number of the classes of a file that does not say so itself: COCO's where
// nothing is said; no names where only their number is.
std::vector<std::string> ClassesOf(const ModelDescription& said, int& count);

// Replace what is said.
void ApplyDescription(const ModelDescription& said, Preprocess& preprocess);
void ApplyDescription(const ModelDescription& said, RawHeadInfo& head);

}  // namespace yoloport::contract
