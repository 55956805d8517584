#include "contract/yolox.h"

namespace yoloport::contract {

Preprocess YoloxPreprocess() {
  Preprocess preprocess;
  preprocess.shrink = preprocess.enlarge = Interpolation::kBilinear;
  preprocess.rounding = Rounding::kDown;
  preprocess.one_scale = true;
  preprocess.pad_side = PadSide::kRightBottom;
  preprocess.rgb = false;
  preprocess.std = {1, 1, 1};
  return preprocess;
}

}  // namespace yoloport::contract
