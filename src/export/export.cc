#include "yoloport/export.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <memory>
#include <optional>

#include "base/atomic_file.h"
#include "base/folders.h"
#include "base/mapped_file.h"
#include "base/option_ranges.h"
#include "base/sha256.h"
#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/weights.h"
#include "contract/model_card.h"
#include "export/export_graph.h"
#include "export/metadata_keys.h"
#include "graph/graph.h"
#include "graph/ops.h"
#include "graph/passes/simplify.h"
#include "onnx/write/writer.h"
#include "sources/model_source.h"
#include "sources/registry/registry.h"
#include "targets/mmdeploy_files.h"
#include "targets/network_input.h"
#include "targets/output_layout.h"
#include "targets/outputs.h"
#include "targets/target.h"
#include "yoloport/error.h"
#include "yoloport/image.h"
#include "yoloport/limits.h"
#include "yoloport/version.h"

namespace yoloport {
namespace {

using base::AppendNotes;
using base::Quote;
using base::RequireRange;
using checkpoint::Checkpoint;
using onnx::write::NonFinite;
using sources::ModelSource;
using targets::FindLayout;
using targets::Target;

using Notes = std::vector<std::string>;

void CheckOptions(const Target& target, const ExportOptions& options) {
  RequireRange("--opset", options.opset, kLowestOpset, kHighestOpset);
  for (const auto& side : {options.height, options.width}) {
    if (side) RequireRange("--img-size", *side, 1, kLargestSide);
  }
  RequireRange("--batch-size", options.batch, 1, kLargestBatch);
  RequireRange("--pre-topk", static_cast<double>(options.pre_topk), 1,
               static_cast<double>(kLargestTopk));
  RequireRange("--keep-topk", static_cast<double>(options.keep_topk), 1,
               static_cast<double>(kLargestTopk));
  RequireRange("--iou-threshold", options.iou_threshold, 0, 1);
  RequireRange("--score-threshold", options.score_threshold, 0, 1);
  if (options.min_box_size >= 0) {
    RequireRange("--min-box-size", options.min_box_size, 0, kLargestSide);
  }
  if (options.runtime_thresholds && options.model_only) {
    throw UsageError("--runtime-thresholds needs NMS, and the file is to end with the raw heads");
  }
  targets::CheckInputOptions(options);
  targets::CheckTargetOptions(target, options);
  targets::CheckLayout(FindLayout(options.layout), target, options);
}

// The class names that are stated, if they fit the head.
std::vector<std::string> ClassNames(const ModelSource& source, std::size_t count,
                                    std::vector<std::string>& notes) {
  std::vector<std::string> names = source.ClassNames(count);
  if (names.size() == count) return names;
  if (!names.empty()) {
    notes.push_back(
        fmt::format("there are {} class names for {} classes: they are called class_0, class_1 ...",
                    names.size(), count));
  } else {
    notes.emplace_back("no class names are known: they are called class_0, class_1 ...");
  }
  names.clear();
  for (std::size_t i = 0; i < count; ++i) names.push_back(ClassName({}, static_cast<int>(i)));
  return names;
}

void CheckSize(int stride, int height, int width) {
  if (height % stride == 0 && width % stride == 0) return;
  const auto near = [&](int side) { return std::max(1, (side + stride / 2) / stride) * stride; };
  throw UsageError(
      fmt::format("--img-size {} {} does not fit: height and width must be multiples of {}, the "
                  "network's largest stride",
                  height, width, stride),
      fmt::format("the nearest size is {} {}", near(height), near(width)));
}

// The size that is tested, or, where none is stated, MMYOLO's usual one.
sources::InputSize DefaultSize(const ModelSource& source, bool is_dynamic, Notes& notes) {
  constexpr sources::InputSize kUsual = {640, 640};
  const sources::InputSize size = source.TestSize(is_dynamic).value_or(kUsual);
  if (std::max(size.height, size.width) > kLargestSide) {
    throw UsageError(fmt::format("the config tests its network at {} {} (height, width), which is "
                                 "more than {}",
                                 size.height, size.width, kLargestSide),
                     "state a size with --img-size");
  }
  if (size != kUsual) {
    notes.push_back(
        fmt::format("the input has the size that the config tests its network at: --img-size {} {}",
                    size.height, size.width));
  }
  return size;
}

// Fills in the height and width of the input where the options leave them to the config.
void SettleSize(ExportOptions& options, const ModelSource& source, Notes& notes) {
  const int stride = source.LargestStride();
  if (!options.height && !options.width) {
    const sources::InputSize size = DefaultSize(source, options.dynamic_size, notes);
    options.height = static_cast<int>(size.height);
    options.width = static_cast<int>(size.width);
  }
  if (!options.height) options.height = options.width;
  if (!options.width) options.width = options.height;
  CheckSize(stride, *options.height, *options.width);
}

// What the head gives, in the element type of decoding and NMS.
void CastToFloat(graph::HeadOutput& network) {
  const auto cast = [](graph::Value& value) {
    if (value) value = graph::Cast(value, tensor::DType::kFloat32);
  };
  for (graph::Value& value : network.raw) cast(value);
  for (graph::HeadLevel& level : network.head.levels) {
    cast(level.classes);
    cast(level.boxes);
    cast(level.objectness);
  }
}

contract::ModelCard DescribeNetwork(const ExportOptions& options, const graph::HeadOutput& network,
                                    const Preprocess& preprocess,
                                    const contract::NmsPolicy& policy) {
  contract::ModelCard info;
  info.type = network.type;
  info.backend = options.backend;
  info.end_to_end = !options.model_only;
  info.layout = FindLayout(options.layout);
  info.batch = options.dynamic_batch ? -1 : options.batch;
  info.preprocess = preprocess;
  info.nms = policy;
  info.runtime_thresholds = options.runtime_thresholds;
  info.prior_offset = network.head.spec.prior_offset;
  info.clips_boxes = network.head.spec.clips_boxes;
  info.reg_max = network.head.spec.bins - 1;
  for (const contract::LevelSpec& level : network.head.spec.levels) {
    info.strides.push_back({static_cast<int>(level.stride[0]), static_cast<int>(level.stride[1])});
    if (!level.anchors.empty()) info.anchors.push_back(level.anchors);
  }
  info.yoloport_version = Version();
  return info;
}

std::vector<TensorSummary> Summaries(const graph::Graph& graph, const std::vector<int>& ids) {
  std::vector<TensorSummary> summaries;
  for (const int id : ids) {
    const auto& value = graph.value(id);
    summaries.push_back({value.name, std::string(tensor::DTypeName(value.dtype)), value.shape});
  }
  return summaries;
}

// The output, and what is written beside it.
std::vector<std::filesystem::path> OutputFiles(const ExportOptions& options) {
  namespace fs = std::filesystem;
  std::vector<fs::path> outputs = {options.output};
  if (FindLayout(options.layout) != contract::OutputLayout::kMmdeploy) return outputs;
  const char* hint = "give another name with --output";
  std::error_code error;
  if (fs::is_other(options.output, error)) {
    throw UsageError("the output " + Quote(options.output.native()) +
                         " is not a regular file, and --layout mmdeploy writes files beside it",
                     hint);
  }
  for (const fs::path& beside : targets::MmdeployFiles::Paths(options.output)) {
    if (base::PlaceOf(beside) == base::PlaceOf(options.output)) {
      throw UsageError("the output " + Quote(options.output.native()) +
                           " is also the name of a file that --layout mmdeploy writes beside it",
                       hint);
    }
    outputs.push_back(beside);
  }
  return outputs;
}

// "folder/": nothing is to be created for it.
void RequireFileName(const std::filesystem::path& output) {
  const std::filesystem::path name = output.filename();
  if (output.empty() || (!name.empty() && name != "." && name != "..")) return;
  throw UsageError("the output " + Quote(output.native()) + " names a folder, not a file",
                   "give a file's name with --output");
}

// Renaming the new file over an input would be the end of that.
void RefuseInputAsOutput(const ExportOptions& options, const ModelSource& source) {
  std::vector<std::filesystem::path> inputs = source.Files();
  inputs.push_back(options.checkpoint);
  for (const auto& output : OutputFiles(options)) {
    for (const auto& input : inputs) {
      std::error_code error;
      if (!std::filesystem::equivalent(input, output, error)) continue;
      throw UsageError("the output " + Quote(output.native()) + " would overwrite an input",
                       "give another name with --output");
    }
  }
}

// What --layout mmdeploy writes beside the model has names that every model's have.
void RefuseFilesOfAnotherModel(const ExportOptions& options) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (const fs::path& output : OutputFiles(options)) {
    if (!fs::is_regular_file(output, error) || fs::exists(options.output, error)) continue;
    throw UsageError("the file " + Quote(output.native()) +
                         ", which --layout mmdeploy writes beside the model, is there already "
                         "without a model of this name",
                     "give a folder of its own with --output, as mmdeploy's SDK wants it, or "
                     "remove that file");
  }
}

void RefuseWarnings(const ExportOptions& options, const std::vector<std::string>& warnings) {
  if (warnings.empty()) return;
  throw CheckpointError(Quote(options.checkpoint.native()) + ": " + base::JoinText(warnings),
                        "without --strict this is only said");
}

// What folding made of the weights, in words; "" when all of it are numbers.
std::string NonFiniteText(const std::vector<NonFinite>& odd) {
  if (odd.empty()) return "";
  std::vector<std::string> constants;
  for (const NonFinite& each : odd) {
    constants.push_back(fmt::format("{} ({})", Quote(each.name), each.count));
  }
  return fmt::format("{} folded {} NaN or infinite values: {}", odd.size(),
                     odd.size() == 1 ? "weight holds" : "weights hold", base::JoinText(constants));
}

contract::SourceFile FileSource(const std::filesystem::path& path, std::string digest) {
  return {path.filename().native(), std::move(digest)};
}

ExportOptions CheckedOptions(const Target& target, ExportOptions options) {
  options.backend = target.name;
  options.model_only = options.model_only || !target.nms;
  CheckOptions(target, options);
  return options;
}

// What becomes of a network: the options and the config, settled.
struct Plan {
  ExportOptions options;
  const Target& target;
  contract::OutputLayout layout;
  bool multi_label = true;
  Preprocess preprocess = {};  // as far as the layout's runners follow it
};

contract::NmsPolicy PolicyOf(const Plan& plan) {
  return {.score_threshold = plan.options.score_threshold,
          .iou_threshold = plan.options.iou_threshold,
          .pre_topk = plan.options.pre_topk,
          .keep_topk = plan.options.keep_topk,
          .class_agnostic = plan.options.class_agnostic,
          .multi_label = plan.multi_label,
          .min_box_size = plan.options.min_box_size};
}

// Whoever changes test_cfg expects something of it.
Notes UnreadTestCfgNotes(const ExportOptions& options) {
  Notes notes;
  if (options.from_test_cfg) return notes;
  const std::string key = "model.test_cfg";
  for (const std::string& change : options.cfg_options) {
    if (!change.starts_with(key + ".") && !change.starts_with(key + "=")) continue;
    notes.push_back("--cfg-options " + Quote(change) +
                    " changes nothing: test_cfg is read with --from-test-cfg only");
  }
  return notes;
}

// Takes from the source what the options leave to it.
Plan MakePlan(const Target& target, const ExportOptions& options, const ModelSource& source,
              Notes& notes) {
  Plan plan{options, target, FindLayout(options.layout)};
  AppendNotes(notes, UnreadTestCfgNotes(options));
  if (options.from_test_cfg) {
    const Notes changes = source.TakeThresholds(plan.options, plan.multi_label);
    notes.insert(notes.end(), changes.begin(), changes.end());  // all: they change results
    CheckOptions(target, plan.options);
  }
  AppendNotes(notes, targets::TargetNotes(target, plan.options));
  if (options.dynamic_batch && options.batch != 1) {
    notes.push_back(fmt::format(
        "--batch-size {} changes nothing: with --dynamic batch a file takes any number of images",
        options.batch));
  }
  SettleSize(plan.options, source, notes);
  const sources::ExportedInput input = {*plan.options.height, *plan.options.width,
                                        options.dynamic_size, source.LargestStride()};
  const sources::PreprocessReport stated = source.PreprocessFor(input);
  AppendNotes(notes, stated.notes);
  plan.preprocess = targets::RunnersPreprocess(plan.layout, stated.preprocess, notes);
  return plan;
}

struct Network {
  graph::HeadOutput output;
  Preprocess preprocess;  // what the graph leaves to whoever prepares images
};

// Fills `graph` with the detector, from its input to the outputs of the file.
Network BuildNetwork(const Plan& plan, const ModelSource& source,
                     const checkpoint::Weights& weights, graph::Graph& graph, Notes& notes) {
  const ExportOptions& options = plan.options;
  const targets::NetworkInput input = targets::AddInput(
      graph, options, plan.preprocess, targets::RunnersPixels(plan.layout, plan.preprocess));
  const graph::HeadMode mode = options.model_only ? graph::kRawHead : plan.target.layout;
  graph::HeadOutput output = source.Build(weights, input.image, mode);
  weights.Finish();
  if (options.strict) RefuseWarnings(options, weights.warnings());
  graph::passes::FoldNormalization(graph, input.normalization);
  AppendNotes(notes, input.notes);
  CastToFloat(output);
  targets::AddOutputs(graph, output, plan.target, options, plan.layout, PolicyOf(plan));
  graph::passes::Simplify(graph);
  onnx::write::CheckOnnx(graph);
  return {std::move(output), input.preprocess};
}

// What the file is to say about itself, but for the digest of the checkpoint.
contract::ModelCard DescribeModel(const Plan& plan, const Network& network,
                                  const ModelSource& source, Notes& notes) {
  contract::ModelCard info =
      DescribeNetwork(plan.options, network.output, network.preprocess, PolicyOf(plan));
  info.detector = source.Detector();
  const auto classes = static_cast<std::size_t>(network.output.head.spec.num_classes);
  info.classes = ClassNames(source, classes, notes);
  info.palette = source.Palette(info.classes.size(), notes);
  const std::filesystem::path& config = plan.options.config;
  if (!config.empty())
    info.config = FileSource(config, base::Sha256Hex(base::MappedFile::Open(config)->bytes()));
  return info;
}

// The file, and what its layout wants beside it: all of them or none. Gives the file's size.
std::uint64_t WriteFiles(const Plan& plan, const graph::Graph& graph, contract::ModelCard info,
                         const Checkpoint& checkpoint, std::future<std::string> digest,
                         Notes& notes) {
  const ExportOptions& options = plan.options;
  base::MakeFolders(options.output.parent_path());
  std::optional<targets::MmdeployFiles>
      mmdeploy;  // whole under temporary names before the model appears
  const auto metadata = [&](const std::vector<NonFinite>& odd) {
    if (const std::string text = NonFiniteText(odd); !text.empty()) {
      if (options.strict) RefuseWarnings(options, {text});
      notes.push_back(text);
    }
    info.checkpoint = FileSource(options.checkpoint, digest.get());
    checkpoint.CheckUnchanged();
    if (plan.layout == contract::OutputLayout::kMmdeploy) mmdeploy.emplace(info, options, notes);
    return exporting::MetadataKeys(info, options.dynamic_size);
  };
  const auto bytes =
      onnx::write::WriteOnnx(graph, {Version(), info.type}, options.output, metadata);
  if (mmdeploy) mmdeploy->Commit();
  return bytes;
}

// All of an export but its file.
struct Built {
  Plan plan;
  Checkpoint checkpoint;
  std::future<std::string> digest;  // of the checkpoint
  std::unique_ptr<graph::Graph> graph;
  contract::ModelCard info;
  Notes notes;
};

Built Build(const ExportOptions& asked) {
  const Target& target = targets::FindTarget(asked.backend);
  const ExportOptions options = CheckedOptions(target, asked);
  const Checkpoint checkpoint = Checkpoint::Open(options.checkpoint);
  // Beside the work, up to the end of it.
  std::future<std::string> digest =
      std::async(std::launch::async, [checkpoint] { return checkpoint.Digest(); });
  Notes notes = checkpoint.notes();
  const std::unique_ptr<ModelSource> source =
      sources::registry::OpenSource(options, checkpoint, notes);
  RequireFileName(options.output);
  RefuseInputAsOutput(options, *source);
  RefuseFilesOfAnotherModel(options);
  Plan plan = MakePlan(target, options, *source, notes);
  auto graph = std::make_unique<graph::Graph>(options.opset);
  const checkpoint::Weights weights(checkpoint);
  const Network network = BuildNetwork(plan, *source, weights, *graph, notes);
  contract::ModelCard info = DescribeModel(plan, network, *source, notes);
  AppendNotes(notes, weights.warnings());
  return {std::move(plan),  checkpoint,      std::move(digest),
          std::move(graph), std::move(info), std::move(notes)};
}

}  // namespace

ExportReport Export(const ExportOptions& options) {
  Built built = Build(options);
  const graph::Graph& graph = *built.graph;
  ExportReport report;
  report.bytes = WriteFiles(built.plan, graph, built.info, built.checkpoint,
                            std::move(built.digest), built.notes);
  report.notes = std::move(built.notes);
  report.output = built.plan.options.output;
  report.type = built.info.type;
  report.detector = built.info.detector;
  report.inputs = Summaries(graph, graph.inputs());
  report.outputs = Summaries(graph, graph.outputs());
  report.parameters = graph.ConstantElements();
  report.nodes = static_cast<std::int64_t>(graph.nodes().size());
  return report;
}

}  // namespace yoloport

namespace yoloport::exporting {

std::unique_ptr<graph::Graph> ExportGraph(const ExportOptions& options) {
  return Build(options).graph;
}

}  // namespace yoloport::exporting
