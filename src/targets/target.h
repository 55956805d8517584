// Who is to run or compile an exported file: the values of --backend, by easydeploy's names.
// docs/backends.md says what comes out, docs/adding_a_target.md how one is added.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/head.h"
#include "tasks/detect/nodes/nms.h"
#include "yoloport/export.h"

namespace yoloport::targets {

// What one file of src/targets brings.
struct Target {
  std::string_view name;
  std::optional<tasks::detect::nodes::NmsOperator> nms =
      std::nullopt;            // none: every file ends with the raw heads
  bool channels_last = false;  // raw heads are N x H x W x C
  // Whether what compiles the file takes float16 weights, and an input of bytes.
  bool takes_half = true;
  bool takes_uint8 = true;
  // How the runtime would rather have what is decoded.
  graph::HeadLayout layout = graph::HeadLayout::kPositionsLast;

  // The rest is about end-to-end files, and may be left out.

  // Throws UsageError where `options` ask for what the operators cannot do.
  void (*check_options)(const ExportOptions& options) = nullptr;
  // The same for a network that is known.
  void (*check_head)(const ExportOptions& options, const graph::DetectionHead& head) = nullptr;
  // What the user should know with these options.
  std::vector<std::string> (*notes)(const ExportOptions& options) = nullptr;
};

// All targets, in the order in which people are told of them: the one table of what is known.
std::span<const Target* const> Targets();

// Upper and lower case are the same. Throws UsageError that lists the names.
const Target& FindTarget(std::string_view name);

// Throws UsageError where `options`, those of one file, do not go with the target.
void CheckTargetOptions(const Target& target, const ExportOptions& options);

// What the user should know of the target with these options.
std::vector<std::string> TargetNotes(const Target& target, const ExportOptions& options);

// Whether `options` ask for box sizes in pixels of the image and the file can take them as an
// optional input: plugins have none, and programs of others would not know this one.
bool HasMinBoxInput(const Target& target, const ExportOptions& options);

}  // namespace yoloport::targets
