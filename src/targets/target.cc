#include "targets/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "targets/output_layout.h"
#include "targets/rows.h"
#include "yoloport/error.h"

namespace yoloport::targets {
namespace {

constexpr std::array kTargets = {&kOnnxRuntime, &kOpenVino,  &kTensorRt8,   &kTensorRt7,
                                 &kNcnn,        &kHorizonX3, &kRknn,        &kAx620a,
                                 &kCoreMl,      &kPplNn,     &kTorchScript, &kTvm};

}  // namespace

std::span<const Target* const> Targets() { return kTargets; }

const Target& FindTarget(std::string_view name) {
  const std::string lower = base::AsciiLower(name);
  const auto* const found = std::find_if(kTargets.begin(), kTargets.end(),
                                         [&](const Target* each) { return each->name == lower; });
  if (found != kTargets.end()) return **found;
  throw UsageError("unknown backend " + base::Quote(name),
                   "known are: " + base::JoinText(ExportBackends(), kTargets.size()));
}

void CheckTargetOptions(const Target& target, const ExportOptions& options) {
  if (options.half && !target.takes_half) {
    throw UsageError(
        fmt::format("{} takes no float16 weights: it refuses files with --half", target.name),
        "leave --half out; its own tools store float16");
  }
  if (options.input == "uint8" && !target.takes_uint8) {
    throw UsageError(fmt::format("{} takes no inputs of bytes: it refuses files with --input uint8",
                                 target.name),
                     "leave --input out, and give its own tools the mean and std of the metadata");
  }
  if (options.model_only) return;
  if (target.check_options != nullptr) target.check_options(options);
  const std::int64_t most = tasks::detect::nodes::LargestKeepTopk(*target.nms);
  if (options.keep_topk > most) {
    throw UsageError(fmt::format("--keep-topk is {}, but the NMS plugin of {} keeps at most {}",
                                 options.keep_topk, target.name, most));
  }
}

std::vector<std::string> TargetNotes(const Target& target, const ExportOptions& options) {
  std::vector<std::string> notes;
  if (!target.nms) {
    notes.push_back(fmt::format("{} takes no NMS: the file ends with the raw heads{}", target.name,
                                target.channels_last ? ", channels last" : ""));
  }
  if (options.model_only) return notes;
  if (options.min_box_size > 0 && !HasMinBoxInput(target, options)) {
    notes.push_back(fmt::format(
        "--min-box-size {:g} counts pixels of the image, whose scale this file is not told: it "
        "counts pixels of the input instead",
        options.min_box_size));
  }
  if (target.notes == nullptr) return notes;
  for (std::string& note : target.notes(options)) notes.push_back(std::move(note));
  return notes;
}

bool HasMinBoxInput(const Target& target, const ExportOptions& options) {
  return options.min_box_size > 0 && target.nms == tasks::detect::nodes::NmsOperator::kOnnx &&
         FindLayout(options.layout) == contract::OutputLayout::kMmyolo;
}

}  // namespace yoloport::targets

namespace yoloport {

std::vector<std::string> ExportBackends() {
  std::vector<std::string> names;
  for (const targets::Target* target : targets::Targets()) names.emplace_back(target->name);
  return names;
}

}  // namespace yoloport
