#include "yoloport/export.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <memory>
#include <optional>

#include "base/atomic_file.h"
#include "base/folders.h"
#include "base/mapped_file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/weights.h"
#include "config/config.h"
#include "contract/model_card.h"
#include "graph/graph.h"
#include "graph/ops.h"
#include "graph/passes/simplify.h"
#include "models/model.h"
#include "models/student.h"
#include "onnx/writer.h"
#include "pipeline/config_thresholds.h"
#include "pipeline/export_backend.h"
#include "pipeline/export_graph.h"
#include "pipeline/metadata_keys.h"
#include "pipeline/mmdeploy_files.h"
#include "pipeline/network_input.h"
#include "pipeline/option_ranges.h"
#include "pipeline/output_layout.h"
#include "pipeline/recipe.h"
#include "yoloport/error.h"
#include "yoloport/limits.h"
#include "yoloport/version.h"

namespace yoloport {
namespace {

void CheckOptions(const ExportBackend& backend, const ExportOptions& options) {
  RequireRange("--opset", options.opset, kLowestOpset, kHighestOpset);
  RequireRange("--img-size", options.height, 1, kLargestSide);
  RequireRange("--img-size", options.width, 1, kLargestSide);
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
  CheckInputOptions(options);
  CheckBackendOptions(backend, options);
  CheckLayout(FindLayout(options.layout), backend, options);
}

ConfigOptions ReadingOptions(const ExportOptions& options) {
  ConfigOptions config_options;
  config_options.overrides = options.cfg_options;
  config_options.packages = options.packages;
  return config_options;
}

Config LoadConfig(const ExportOptions& options, const Checkpoint& checkpoint) {
  const ConfigOptions config_options = ReadingOptions(options);
  if (!options.config.empty()) return Config::Load(options.config, config_options);
  if (checkpoint.meta().config_text.empty()) {
    throw CheckpointError(Quote(options.checkpoint.native()) + ": carries no config",
                          "give the training config: yoloport export CONFIG CHECKPOINT");
  }
  return Config::FromText(checkpoint.meta().config_text, options.checkpoint.native() + ":meta.cfg",
                          config_options);
}

// The class names that the checkpoint or else the config state, if they fit the head.
std::vector<std::string> ClassNames(const ConfigNode& root, const Checkpoint& checkpoint,
                                    std::size_t count, std::vector<std::string>& notes) {
  std::vector<std::string> names = checkpoint.meta().classes;
  if (names.empty()) names = ConfigClassNames(root);
  if (names.size() == count) return names;
  if (!names.empty()) {
    notes.push_back(
        fmt::format("there are {} class names for {} classes: they are called class_0, class_1 ...",
                    names.size(), count));
  } else {
    notes.emplace_back("no class names are known: they are called class_0, class_1 ...");
  }
  names.clear();
  for (std::size_t i = 0; i < count; ++i) names.push_back("class_" + std::to_string(i));
  return names;
}

void CheckSize(const ConfigNode& model, const ExportOptions& options) {
  const auto stride = static_cast<int>(LargestStride(model));
  if (options.height % stride == 0 && options.width % stride == 0) return;
  const auto near = [&](int side) { return std::max(1, (side + stride / 2) / stride) * stride; };
  throw UsageError(
      fmt::format("--img-size {} {} does not fit: height and width must be multiples of {}, the "
                  "network's largest stride",
                  options.height, options.width, stride),
      fmt::format("the nearest size is {} {}", near(options.height), near(options.width)));
}

// What the head gives, in the element type of decoding and NMS.
void CastToFloat(HeadOutput& network) {
  const auto cast = [](graph::Value& value) {
    if (value) value = graph::Cast(value, DType::kFloat32);
  };
  for (graph::Value& value : network.raw) cast(value);
  for (graph::HeadLevel& level : network.head.levels) {
    cast(level.classes);
    cast(level.boxes);
    cast(level.objectness);
  }
}

std::string DetectorText(const ConfigNode& model) {
  return model["backbone"]["type"].AsString() + ", " + model["neck"]["type"].AsString() + ", " +
         model["bbox_head"]["type"].AsString();
}

contract::ModelCard DescribeNetwork(const ExportOptions& options, const HeadOutput& network,
                                    const ImageRecipe& recipe, const contract::NmsPolicy& policy) {
  contract::ModelCard info;
  info.type = network.type;
  info.backend = options.backend;
  info.end_to_end = !options.model_only;
  info.layout = FindLayout(options.layout);
  info.batch = options.dynamic_batch ? -1 : options.batch;
  info.recipe = recipe;
  info.nms = policy;
  info.runtime_thresholds = options.runtime_thresholds;
  info.prior_offset = network.head.spec.prior_offset;
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
    summaries.push_back({value.name, std::string(DTypeName(value.dtype)), value.shape});
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
  for (const fs::path& beside : MmdeployFiles::Paths(options.output)) {
    if (PlaceOf(beside) == PlaceOf(options.output)) {
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
void RefuseInputAsOutput(const ExportOptions& options, const Config& config) {
  std::vector<std::filesystem::path> inputs = config.files();
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

void RefuseWarnings(const ExportOptions& options, const std::vector<std::string>& warnings) {
  if (warnings.empty()) return;
  throw CheckpointError(Quote(options.checkpoint.native()) + ": " + JoinText(warnings),
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
                     odd.size() == 1 ? "weight holds" : "weights hold", JoinText(constants));
}

contract::SourceFile Source(const std::filesystem::path& path, std::string digest) {
  return {path.filename().native(), std::move(digest)};
}

using Notes = std::vector<std::string>;

ExportOptions CheckedOptions(const ExportBackend& backend, ExportOptions options) {
  options.backend = backend.name;
  options.model_only = options.model_only || !backend.nms;
  CheckOptions(backend, options);
  return options;
}

// What becomes of a network: the options and the config, settled.
struct Plan {
  ExportOptions options;
  const ExportBackend& backend;
  contract::OutputLayout layout;
  bool multi_label = true;
  ImageRecipe recipe = {};  // as far as the layout's runners follow it
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

// Takes from the config what the options leave to it.
Plan MakePlan(const ExportBackend& backend, const ExportOptions& options, const ConfigNode& root,
              const ConfigNode& model, Notes& notes) {
  Plan plan{options, backend, FindLayout(options.layout)};
  AppendNotes(notes, UnreadTestCfgNotes(options));
  if (options.from_test_cfg) {
    const Notes changes = ApplyTestCfg(model["test_cfg"], plan.options, plan.multi_label);
    notes.insert(notes.end(), changes.begin(), changes.end());  // all: they change results
    CheckOptions(backend, plan.options);
  }
  AppendNotes(notes, BackendNotes(backend, plan.options));
  if (options.dynamic_batch && options.batch != 1) {
    notes.push_back(fmt::format(
        "--batch-size {} changes nothing: with --dynamic batch a file takes any number of images",
        options.batch));
  }
  CheckSize(model, plan.options);
  const ExportedInput input = {options.height, options.width, options.dynamic_size,
                               static_cast<int>(LargestStride(model))};
  const RecipeReport stated = ReadRecipe(root, model, input);
  AppendNotes(notes, stated.notes);
  plan.recipe = RunnersRecipe(plan.layout, stated.recipe, notes);
  return plan;
}

struct Network {
  HeadOutput output;
  ImageRecipe recipe;  // what the graph leaves to whoever prepares images
};

// Fills `graph` with the detector `model`, from its input to the outputs of the file.
Network BuildNetwork(const Plan& plan, const ConfigNode& model, const Weights& weights,
                     graph::Graph& graph, Notes& notes) {
  const ExportOptions& options = plan.options;
  const NetworkInput input =
      AddInput(graph, options, plan.recipe, RunnersPixels(plan.layout, plan.recipe));
  const HeadMode mode = options.model_only ? kRawHead : plan.backend.layout;
  HeadOutput output = BuildDetector(model, DetectorWeights(weights), input.image, mode);
  weights.Finish();
  if (options.strict) RefuseWarnings(options, weights.warnings());
  graph::FoldNormalization(graph, input.normalization);
  AppendNotes(notes, input.notes);
  CastToFloat(output);
  AddBackendOutputs(graph, output, plan.backend, options, plan.layout, PolicyOf(plan));
  graph::Simplify(graph);
  CheckOnnx(graph);
  return {std::move(output), input.recipe};
}

// What the file is to say about itself, but for the digest of the checkpoint.
contract::ModelCard DescribeModel(const Plan& plan, const Network& network, const ConfigNode& root,
                                  const ConfigNode& model, const Checkpoint& checkpoint,
                                  Notes& notes) {
  contract::ModelCard info =
      DescribeNetwork(plan.options, network.output, network.recipe, PolicyOf(plan));
  info.detector = DetectorText(model);
  const auto classes = static_cast<std::size_t>(network.output.head.spec.num_classes);
  info.classes = ClassNames(root, checkpoint, classes, notes);
  info.palette = ClassPalette(root, checkpoint.meta().palette, info.classes.size());
  const std::filesystem::path& config = plan.options.config;
  if (!config.empty()) info.config = Source(config, Sha256Hex(MappedFile::Open(config)->bytes()));
  return info;
}

// The file, and what its layout wants beside it: all of them or none. Gives the file's size.
std::uint64_t WriteFiles(const Plan& plan, const graph::Graph& graph, contract::ModelCard info,
                         const Checkpoint& checkpoint, std::future<std::string> digest,
                         Notes& notes) {
  const ExportOptions& options = plan.options;
  MakeFolders(options.output.parent_path());
  std::optional<MmdeployFiles> mmdeploy;  // whole under temporary names before the model appears
  const auto metadata = [&](const std::vector<NonFinite>& odd) {
    if (const std::string text = NonFiniteText(odd); !text.empty()) {
      if (options.strict) RefuseWarnings(options, {text});
      notes.push_back(text);
    }
    info.checkpoint = Source(options.checkpoint, digest.get());
    checkpoint.CheckUnchanged();
    if (plan.layout == contract::OutputLayout::kMmdeploy) mmdeploy.emplace(info, options, notes);
    return MetadataKeys(info, options.dynamic_size);
  };
  const auto bytes = WriteOnnx(graph, {Version(), info.type}, options.output, metadata);
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
  const ExportBackend& backend = FindExportBackend(asked.backend);
  const ExportOptions options = CheckedOptions(backend, asked);
  const Checkpoint checkpoint = Checkpoint::Open(options.checkpoint);
  // Beside the work, up to the end of it.
  std::future<std::string> digest =
      std::async(std::launch::async, [checkpoint] { return checkpoint.Digest(); });
  const Config config = LoadConfig(options, checkpoint);
  RequireFileName(options.output);
  RefuseInputAsOutput(options, config);
  const ConfigNode root = config.root();
  Notes notes = checkpoint.notes();
  const ConfigNode model = DetectorConfig(root["model"], ReadingOptions(options), notes);
  Plan plan = MakePlan(backend, options, root, model, notes);
  auto graph = std::make_unique<graph::Graph>(options.opset);
  const Weights weights(checkpoint);
  const Network network = BuildNetwork(plan, model, weights, *graph, notes);
  contract::ModelCard info = DescribeModel(plan, network, root, model, checkpoint, notes);
  AppendNotes(notes, weights.warnings());
  return {std::move(plan),  checkpoint,      std::move(digest),
          std::move(graph), std::move(info), std::move(notes)};
}

}  // namespace

std::unique_ptr<graph::Graph> ExportGraph(const ExportOptions& options) {
  return Build(options).graph;
}

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
