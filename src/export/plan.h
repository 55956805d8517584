// What is settled before a file's graph ends: options, target, layout, and where the file goes. For
// whoever makes end-to-end files: export, and finish.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "contract/model_card.h"
#include "targets/target.h"
#include "yoloport/export.h"
#include "yoloport/types.h"

namespace yoloport::exporting {

using Notes = std::vector<std::string>;

// What becomes of a network: the options and what is known of it, settled.
struct Plan {
  ExportOptions options;
  const targets::Target& target;
  contract::OutputLayout layout;
  bool multi_label = true;
  Preprocess preprocess = {};  // as far as the layout's runners follow it
};

contract::NmsPolicy PolicyOf(const Plan& plan);

// Of the options those about the end of a file and its input, each by itself and together. Throws
// UsageError.
void CheckFileOptions(const targets::Target& target, const ExportOptions& options);

// For changes of a test_cfg that is not read: whoever makes them expects something of it.
Notes UnreadTestCfgNotes(const ExportOptions& options);

// Throws UsageError unless height and width are multiples of `stride`.
void CheckSize(int stride, int height, int width);

// Throws UsageError where the file cannot go where `options` say: that is a folder, one of `inputs`
// or of the options' checkpoint, or belongs to another model.
void CheckOutput(const ExportOptions& options, const std::vector<std::filesystem::path>& inputs);

}  // namespace yoloport::exporting
