// What YOLOX's repository does around a network, for files that it exported and for its
// checkpoints.
#pragma once

#include "yoloport/types.h"

namespace yoloport::contract {

// preproc(): BGR as it is, at the top left.
Preprocess YoloxPreprocess();

}  // namespace yoloport::contract
