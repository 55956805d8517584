#include "yoloport/export.h"

#include <fmt/format.h>

#include <future>
#include <memory>

#include "base/option_ranges.h"
#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/weights.h"
#include "contract/model_card.h"
#include "export/export_graph.h"
#include "export/model_file.h"
#include "export/plan.h"
#include "graph/graph.h"
#include "graph/passes/simplify.h"
#include "onnx/write/writer.h"
#include "sources/model_source.h"
#include "sources/registry/registry.h"
#include "targets/network_input.h"
#include "targets/output_layout.h"
#include "targets/outputs.h"
#include "targets/target.h"
#include "yoloport/error.h"
#include "yoloport/limits.h"
#include "yoloport/version.h"

namespace yoloport {
namespace {

using base::AppendNotes;
using base::RequireRange;
using checkpoint::Checkpoint;
using exporting::Notes;
using exporting::Plan;
using sources::ModelSource;
using targets::FindLayout;
using targets::Target;

void CheckOptions(const Target& target, const ExportOptions& options) {
  RequireRange("--opset", options.opset, kLowestOpset, kHighestOpset);
  for (const auto& side : {options.height, options.width}) {
    if (side) RequireRange("--img-size", *side, 1, kLargestSide);
  }
  RequireRange("--batch-size", options.batch, 1, kLargestBatch);
  exporting::CheckFileOptions(target, options);
}

// The size that is tested, or, where none is stated, MMYOLO's usual one.
sources::InputSize DefaultSize(const ModelSource& source, bool is_dynamic, Notes& notes) {
  constexpr sources::InputSize kUsual;
  const sources::InputSize size = source.TestSize(is_dynamic).value_or(kUsual);
  if (std::max(size.height, size.width) > kLargestSide) {
    throw UsageError(fmt::format("the network is tested at {} {} (height, width), which is "
                                 "more than {}",
                                 size.height, size.width, kLargestSide),
                     "state a size with --img-size");
  }
  if (size != kUsual) {
    notes.push_back(
        fmt::format("the input has the size that the network is tested at: --img-size {} {}",
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
  exporting::CheckSize(stride, *options.height, *options.width);
}

ExportOptions CheckedOptions(const Target& target, ExportOptions options) {
  options.backend = target.name;
  options.model_only = options.model_only || !target.nms;
  CheckOptions(target, options);
  return options;
}

// Takes from the source what the options leave to it.
Plan MakePlan(const Target& target, const ExportOptions& options, const ModelSource& source,
              Notes& notes) {
  Plan plan{options, target, FindLayout(options.layout)};
  const sources::Selection selection = source.DefaultSelection();
  plan.multi_label = selection.multi_label;
  AppendNotes(notes, exporting::UnreadTestCfgNotes(options));
  if (options.from_test_cfg) {
    const Notes changes = source.TakeThresholds(plan.options, plan.multi_label);
    notes.insert(notes.end(), changes.begin(), changes.end());  // all: they change results
    CheckOptions(target, plan.options);
  }
  if (!selection.suppresses) {
    if (options.iou_threshold != ExportOptions().iou_threshold) {
      notes.push_back(fmt::format(
          "--iou-threshold {:g} changes nothing: the network gives one box an object, and none is "
          "suppressed",
          options.iou_threshold));
    }
    plan.options.iou_threshold = 1;
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
  if (options.strict) exporting::RefuseWarnings(options, weights.warnings());
  graph::passes::FoldNormalization(graph, input.normalization);
  AppendNotes(notes, input.notes);
  graph::CastToFloat(output);
  targets::AddOutputs(graph, output, plan.target, options, plan.layout, exporting::PolicyOf(plan));
  graph::passes::Simplify(graph);
  onnx::write::CheckOnnx(graph);
  return {std::move(output), input.preprocess};
}

// What the file is to say about itself, but for the digest of the checkpoint.
contract::ModelCard DescribeModel(const Plan& plan, const Network& network,
                                  const ModelSource& source, Notes& notes) {
  contract::ModelCard info = exporting::DescribeFile(plan, network.output, network.preprocess);
  info.detector = source.Detector();
  const auto classes = static_cast<std::size_t>(network.output.head.spec.num_classes);
  info.classes = exporting::ClassNames(source.ClassNames(classes), classes, notes);
  info.palette = source.Palette(info.classes.size(), notes);
  return info;
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
  exporting::CheckOutput(options, source->Files());
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
  const exporting::FileParts parts = {.header = {Version(), built.info.type}, .digest = [&built] {
                                        std::string digest = built.digest.get();
                                        built.checkpoint.CheckUnchanged();
                                        return digest;
                                      }};
  return exporting::WriteFile(built.plan, *built.graph, built.info, parts, std::move(built.notes));
}

}  // namespace yoloport

namespace yoloport::exporting {

std::unique_ptr<graph::Graph> ExportGraph(const ExportOptions& options) {
  return Build(options).graph;
}

}  // namespace yoloport::exporting
