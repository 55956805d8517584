#include "checkpoint/wrappers.h"

#include <gtest/gtest.h>

namespace yoloport::checkpoint {
namespace {

TEST(WrappersTest, AreTakenOffRepeatedly) {
  struct Row {
    const char* stored;
    const char* key;
    const char* wrappers;
  };
  for (const Row& row :
       {Row{"backbone.stem.conv.weight", "backbone.stem.conv.weight", ""},
        Row{"module.backbone.w", "backbone.w", "module."},
        Row{"module._orig_mod.backbone.w", "backbone.w", "module._orig_mod."},
        Row{"_orig_mod.module.model.ema.neck.w", "neck.w", "_orig_mod.module.model.ema."},
        // Of a submodule that was compiled or sharded by itself.
        Row{"module.backbone._orig_mod.stem.w", "backbone.stem.w", "module._orig_mod."},
        Row{"neck._fsdp_wrapped_module._checkpoint_wrapped_module.w", "neck.w",
            "_fsdp_wrapped_module._checkpoint_wrapped_module."},
        // Layers may be called so, and so may weights.
        Row{"backbone.model.w", "backbone.model.w", ""}, Row{"ema", "ema", ""},
        Row{"module.model", "model", "module."}, Row{"modules.w", "modules.w", ""},
        Row{"ema_backbone_w", "ema_backbone_w", ""}, Row{"", "", ""}, Row{".", ".", ""}}) {
    const UnwrappedKey unwrapped = Unwrap(row.stored);
    EXPECT_EQ(unwrapped.key, row.key) << row.stored;
    EXPECT_EQ(unwrapped.wrappers, row.wrappers) << row.stored;
  }
}

TEST(WrappersTest, SayWhatIsAveraged) {
  EXPECT_TRUE(Unwrap("module.ema.backbone.w").is_averaged);
  EXPECT_FALSE(Unwrap("module.model.backbone.w").is_averaged);
  EXPECT_FALSE(Unwrap("backbone.ema.w").is_averaged);
}

TEST(WrappersTest, CountersAreOfNoNetwork) {
  EXPECT_TRUE(CountsAverages("steps"));
  EXPECT_TRUE(CountsAverages("n_averaged"));
  EXPECT_FALSE(CountsAverages("backbone.steps"));
}

}  // namespace
}  // namespace yoloport::checkpoint
