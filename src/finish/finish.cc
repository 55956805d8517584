#include "yoloport/finish.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>

#include "base/option_ranges.h"
#include "base/sha256.h"
#include "base/text.h"
#include "contract/description.h"
#include "contract/input_names.h"
#include "contract/model_types.h"
#include "export/metadata_keys.h"
#include "export/model_file.h"
#include "export/plan.h"
#include "finish/heads.h"
#include "finish/network_input.h"
#include "finish/raw_file.h"
#include "finish/settings.h"
#include "graph/passes/merge_concats.h"
#include "graph/passes/merge_equal.h"
#include "graph/passes/merge_reshapes.h"
#include "graph/passes/remove_unused.h"
#include "targets/output_layout.h"
#include "targets/outputs.h"
#include "targets/target.h"
#include "yoloport/error.h"
#include "yoloport/limits.h"
#include "yoloport/version.h"

namespace yoloport {
namespace {

using exporting::Notes;
using exporting::Plan;
using finish::RawFile;
using finish::Settings;
using graph::Graph;
using targets::Target;

// The options of the file that is written, as far as they do not depend on what is read.
FinishOptions CheckedOptions(const Target& target, FinishOptions options) {
  ExportOptions& file = options.file;
  file.backend = target.name;
  file.checkpoint = options.model;  // the weights are its
  file.model_only = file.half = false;
  if (!target.nms) {
    throw UsageError(
        fmt::format("the backend {} takes no NMS: a file with raw heads is as it "
                    "should be",
                    target.name),
        "`yoloport detect` takes such a file as it is, with --type where it says nothing "
        "of itself");
  }
  if (file.from_test_cfg && file.config.empty()) {
    throw UsageError("--from-test-cfg needs a config", "give it with --config");
  }
  for (const auto& side : {file.height, file.width}) {
    if (side) base::RequireRange("--img-size", *side, 1, kLargestSide);
  }
  exporting::CheckFileOptions(target, file);
  options.description.type = base::AsciiLower(options.description.type);
  options.description.height = options.description.width = 0;
  contract::CheckDescription(options.description);
  return options;
}

// Batch, height and width of the image that callers give; -1: any.
std::array<std::int64_t, 3> ImageExtents(const RawFile& raw) {
  const tensor::Shape& shape = raw.net().value(raw.image).shape;
  const bool is_nhwc = raw.card && raw.card->preprocess.layout == InputLayout::kNhwc;
  return {shape[0], shape[is_nhwc ? 1 : 2], shape[is_nhwc ? 2 : 3]};
}

// Sets what the file decides.
void TakeInput(const RawFile& raw, ExportOptions& file) {
  const auto [batch, height, width] = ImageExtents(raw);
  const bool is_open = height == graph::kDynamic;
  if (is_open != (width == graph::kDynamic)) {
    throw ModelError(raw.name +
                     ": one of height and width of its input is fixed and the other "
                     "open, which is not supported");
  }
  const bool is_usual =
      is_open || (height >= 1 && height <= kLargestSide && width >= 1 && width <= kLargestSide);
  if (!is_usual || batch == 0 || batch > kLargestBatch) {
    throw ModelError(
        fmt::format("{}: takes {} images of {} x {} (height, width) at once; "
                    "supported are up to {} of {} x {}",
                    raw.name, batch, height, width, kLargestBatch, kLargestSide, kLargestSide));
  }
  file.opset = raw.net().opset();
  file.dynamic_batch = batch == graph::kDynamic;
  file.batch = file.dynamic_batch ? 1 : static_cast<int>(batch);
  file.dynamic_size = is_open;
  if (!file.height) file.height = file.width;
  if (!file.width) file.width = file.height;
  if (!is_open) {
    if (file.height && (*file.height != height || *file.width != width)) {
      throw UsageError(fmt::format("{}: takes images of {}x{} only, not of {}x{}", raw.name, width,
                                   height, *file.width, *file.height),
                       "leave --img-size out");
    }
    file.height = static_cast<int>(height);
    file.width = static_cast<int>(width);
  }
  file.half = raw.net().value(raw.image).dtype == tensor::DType::kFloat16;
}

// The number of classes is the head's: what callers say can only agree.
void RequireClasses(const ModelDescription& said, int classes, bool has_config,
                    const std::string& name) {
  const int count = std::max(said.num_classes, static_cast<int>(said.class_names.size()));
  if (count == 0 || count == classes) return;
  throw UsageError(fmt::format("{}: has {} classes by {}, not {}", name, classes,
                               has_config ? "the config" : "its metadata", count),
                   has_config ? "--cfg-options changes what the config says" : "");
}

Settings ReadSettings(const FinishOptions& options, const RawFile& raw, ExportOptions& file,
                      Notes& notes) {
  Settings settings;
  if (!file.config.empty()) {
    settings = finish::SettingsFromConfig(options, file, notes);
  } else if (raw.card) {
    settings = finish::SettingsFromCard(options, *raw.card, raw.name, file);
  } else if (!options.description.type.empty()) {
    settings = finish::SettingsFromType(options, file);
  } else {
    throw UsageError(raw.name + ": ends with raw heads and does not say of which type",
                     "give the training config with --config, or --type, one of " +
                         base::JoinText(contract::ModelTypeNames()));
  }
  const ModelDescription& said = options.description;
  RequireClasses(said, settings.head.num_classes, !file.config.empty(), raw.name);
  contract::ApplyDescription(said, settings.preprocess);
  contract::ApplyDescription(said, settings.head);
  // Exporters of the whole network, such as torch.onnx, leave of distributions their means.
  if (said.bins > 0) settings.bins = {said.bins};
  if (said.bins == 0) settings.bins.push_back(1);
  if (!said.class_names.empty()) settings.classes = said.class_names;
  return settings;
}

constexpr const char* kWhatSays =
    "which type, classes, anchors and strides it has is said by the config, or by --type, "
    "--num-classes or --class-names, --anchors and --strides; --outputs names other values";

contract::RawHeadFit FitHeads(const RawFile& raw, const Settings& settings,
                              const ExportOptions& file) {
  std::vector<contract::RawOutput> outputs;
  for (const int id : raw.outputs) {
    outputs.push_back({raw.net().value(id).name, raw.net().value(id).shape});
  }
  const std::string name = file.checkpoint.native();
  std::string refusal;
  for (const int bins : settings.bins) {
    contract::RawHeadInfo head = settings.head;
    head.bins = bins;
    try {
      return contract::FitRawHead(head, *file.height, *file.width, outputs, name);
    } catch (const ModelError& error) {
      if (refusal.empty()) refusal = error.message();
    }
  }
  throw ModelError(refusal, kWhatSays);
}

Notes FitNotes(const contract::RawHeadFit& fit) {
  Notes notes;
  if (fit.parts_by_order) {
    notes.emplace_back(
        "outputs of a level have equally many channels: they are taken in MMYOLO's order, classes, "
        "boxes, objectness");
  }
  if (fit.levels_by_order) {
    notes.emplace_back(
        "the file does not state the sizes of its outputs: they are taken in their order, finest "
        "level first");
  }
  return notes;
}

// The names that finished files use, which other programs and `yoloport set` look for.
void FreeNames(const RawFile& raw, contract::OutputLayout layout) {
  std::vector<std::string> names = {contract::kScoreInput,         contract::kIouInput,
                                    contract::kClassAgnosticInput, contract::kMinBoxInput,
                                    contract::kScoreConstant,      contract::kIouConstant,
                                    contract::kKeepConstant,       contract::kNoScoresConstant,
                                    contract::kNoBoxesConstant,    contract::kNoLabelsConstant};
  for (const std::string_view name : contract::OutputNames(layout)) names.emplace_back(name);
  for (const std::string& name : names) {
    if (raw.net().FreeName(name)) continue;
    throw ModelError(raw.name + ": a graph within a node reads a value called " +
                     base::Quote(name) + ", which is a name of what is added");
  }
}

// Lets equal nodes and constants among those behind the value `last` be one, and drops what nobody
// reads. Those of the file stay as they are.
void TidyAdded(Graph& graph, int last) {
  graph::passes::RemoveUnused(graph);
  const auto is_of_file = [&](const graph::Node& node) { return node.outputs.front() <= last; };
  const auto tidy = [&](void (*pass)(Graph&)) {
    std::vector<graph::Node>& nodes = graph.mutable_nodes();
    const auto added = std::find_if_not(nodes.begin(), nodes.end(), is_of_file);
    std::vector<graph::Node> before(std::make_move_iterator(nodes.begin()),
                                    std::make_move_iterator(added));
    nodes.erase(nodes.begin(), added);
    pass(graph);
    nodes.insert(nodes.begin(), std::make_move_iterator(before.begin()),
                 std::make_move_iterator(before.end()));
    graph::passes::RemoveUnused(graph);
  };
  tidy(graph::passes::MergeEqual);
  tidy(graph::passes::MergeReshapes);
  tidy(graph::passes::MergeConcats);
}

// Turns the graph of `raw` into that of the finished file. Gives the head, and in `preprocess` what
// is left to whoever prepares images.
graph::HeadOutput CompleteGraph(const RawFile& raw, const Plan& plan, const Settings& settings,
                                const contract::RawHeadFit& fit, Preprocess& preprocess,
                                Notes& notes) {
  Graph& graph = raw.net();
  preprocess = plan.preprocess;
  FreeNames(raw, plan.layout);
  graph.mutable_outputs().clear();
  if (graph.value(raw.image).dtype != tensor::DType::kUInt8) {
    const targets::NetworkInput input =
        finish::ReplaceInput(graph, raw.image, plan.options, plan.preprocess,
                             targets::RunnersPixels(plan.layout, plan.preprocess), raw.name);
    preprocess = input.preprocess;
    base::AppendNotes(notes, input.notes);
  }
  const int last = static_cast<int>(graph.value_count()) - 1;
  const finish::OpenExtents open = {
      plan.options.dynamic_batch ? graph::kDynamic : plan.options.batch, plan.options.dynamic_size};
  graph::HeadOutput network =
      finish::HeadOf(graph, fit, raw.outputs, settings.head.type, open, plan.target.layout);
  graph::CastToFloat(network);
  targets::AddOutputs(graph, network, plan.target, plan.options, plan.layout,
                      exporting::PolicyOf(plan));
  TidyAdded(graph, last);
  return network;
}

// What the file that was read says beside its graph, for one that yoloport writes.
exporting::FileParts PartsOf(const RawFile& raw) {
  exporting::FileParts parts;
  parts.header = raw.onnx.header;
  parts.header.producer_name = "yoloport";
  parts.header.producer_version = Version();
  // Before this version of the format all weights had to be inputs.
  constexpr std::int64_t kLeastIrVersion = 6;
  parts.header.ir_version =
      std::max(parts.header.ir_version.value_or(kLeastIrVersion), kLeastIrVersion);
  parts.metadata = exporting::WithoutRunnersKeys(raw.onnx.metadata);
  parts.digest = [&raw] {
    std::string digest = base::Sha256Hex(raw.onnx.sources.front()->bytes());
    for (const auto& source : raw.onnx.sources) source->CheckUnchanged();
    return digest;
  };
  return parts;
}

// The file's own, and the config's.
std::vector<std::filesystem::path> FilesOf(const RawFile& raw, const Settings& settings) {
  std::vector<std::filesystem::path> files = settings.files;
  for (const auto& source : raw.onnx.sources) files.emplace_back(source->path());
  return files;
}

void RequireChannels(const RawFile& raw, const Preprocess& preprocess) {
  const Graph::ValueData& image = raw.net().value(raw.image);
  if (image.dtype == tensor::DType::kUInt8 || image.shape[1] == preprocess.channels) return;
  throw ModelError(fmt::format("{}: takes images of {} channels; images are prepared with {}",
                               raw.name, image.shape[1], preprocess.channels));
}

Plan MakePlan(const Target& target, const FinishOptions& options, const RawFile& raw,
              ExportOptions file, Settings& settings, Notes& notes) {
  base::AppendNotes(notes, exporting::UnreadTestCfgNotes(file));
  settings = ReadSettings(options, raw, file, notes);
  RequireChannels(raw, settings.preprocess);
  exporting::CheckFileOptions(target, file);
  base::AppendNotes(notes, targets::TargetNotes(target, file));
  const contract::OutputLayout layout = targets::FindLayout(file.layout);
  Plan plan{std::move(file), target, layout, settings.multi_label};
  plan.preprocess = targets::RunnersPreprocess(layout, settings.preprocess, notes);
  return plan;
}

void CheckUsualSize(const contract::RawHeadFit& fit, const ExportOptions& file) {
  double stride = 1;
  for (const contract::LevelSpec& level : fit.head.levels) {
    stride = std::max({stride, level.stride[0], level.stride[1]});
  }
  exporting::CheckSize(static_cast<int>(stride), *file.height, *file.width);
}

// A file of yoloport's that takes pixels keeps its input.
void KeepPixelInput(const RawFile& raw, ExportOptions& file) {
  if (raw.net().value(raw.image).dtype != tensor::DType::kUInt8) return;
  if (file.input != "float32" || !file.config.empty()) {
    throw UsageError(raw.name +
                         ": takes images of 8 bits, which --input and --config do not "
                         "change",
                     "leave them out");
  }
  const Preprocess& preprocess = raw.card->preprocess;
  file.input = "uint8";
  file.input_layout = preprocess.layout == InputLayout::kNhwc ? "nhwc" : "nchw";
  file.input_color = preprocess.rgb ? "rgb" : "bgr";
}

}  // namespace

ExportReport Finish(const FinishOptions& asked) {
  const Target& target = targets::FindTarget(asked.file.backend);
  const FinishOptions options = CheckedOptions(target, asked);
  const RawFile raw = finish::ReadRawFile(options.model, options.outputs);
  ExportOptions file = options.file;
  TakeInput(raw, file);
  KeepPixelInput(raw, file);
  Notes notes;
  Settings settings;
  const Plan plan = MakePlan(target, options, raw, std::move(file), settings, notes);
  exporting::CheckOutput(plan.options, FilesOf(raw, settings));
  const contract::RawHeadFit fit = FitHeads(raw, settings, plan.options);
  if (plan.options.dynamic_size) CheckUsualSize(fit, plan.options);
  base::AppendNotes(notes, FitNotes(fit));
  Preprocess preprocess;
  const graph::HeadOutput network = CompleteGraph(raw, plan, settings, fit, preprocess, notes);
  contract::ModelCard card = exporting::DescribeFile(plan, network, preprocess);
  card.detector = settings.detector;
  if (!card.config) card.config = settings.config;
  const auto classes = static_cast<std::size_t>(fit.head.num_classes);
  card.classes = exporting::ClassNames(settings.classes, classes, notes);
  if (settings.palette.size() == classes) card.palette = settings.palette;
  return exporting::WriteFile(plan, raw.net(), std::move(card), PartsOf(raw), std::move(notes));
}

}  // namespace yoloport
