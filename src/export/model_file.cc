#include "export/model_file.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/folders.h"
#include "base/mapped_file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "export/metadata_keys.h"
#include "targets/mmdeploy_files.h"
#include "yoloport/error.h"
#include "yoloport/image.h"
#include "yoloport/version.h"

namespace yoloport::exporting {
namespace {

using base::Quote;
using onnx::write::NonFinite;

std::vector<TensorSummary> Summaries(const graph::Graph& graph, const std::vector<int>& ids) {
  std::vector<TensorSummary> summaries;
  for (const int id : ids) {
    const auto& value = graph.value(id);
    summaries.push_back({value.name, std::string(tensor::DTypeName(value.dtype)), value.shape});
  }
  return summaries;
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

contract::SourceFile SourceOf(const std::filesystem::path& path, std::string digest) {
  return {path.filename().native(), std::move(digest)};
}

}  // namespace

contract::ModelCard DescribeFile(const Plan& plan, const graph::HeadOutput& network,
                                 const Preprocess& preprocess) {
  const ExportOptions& options = plan.options;
  contract::ModelCard info;
  info.type = network.type;
  info.backend = options.backend;
  info.end_to_end = !options.model_only;
  info.layout = plan.layout;
  info.batch = options.dynamic_batch ? -1 : options.batch;
  info.preprocess = preprocess;
  info.nms = PolicyOf(plan);
  info.runtime_thresholds = options.runtime_thresholds;
  info.prior_offset = network.head.spec.prior_offset;
  info.reg_max = network.head.spec.bins - 1;
  for (const contract::LevelSpec& level : network.head.spec.levels) {
    info.strides.push_back({static_cast<int>(level.stride[0]), static_cast<int>(level.stride[1])});
    if (!level.anchors.empty()) info.anchors.push_back(level.anchors);
  }
  if (!options.config.empty()) {
    info.config =
        SourceOf(options.config, base::Sha256Hex(base::MappedFile::Open(options.config)->bytes()));
  }
  info.yoloport_version = Version();
  return info;
}

std::vector<std::string> ClassNames(std::vector<std::string> names, std::size_t count,
                                    Notes& notes) {
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

void RefuseWarnings(const ExportOptions& options, const std::vector<std::string>& warnings) {
  if (warnings.empty()) return;
  throw CheckpointError(Quote(options.checkpoint.native()) + ": " + base::JoinText(warnings),
                        "without --strict this is only said");
}

ExportReport WriteFile(const Plan& plan, const graph::Graph& graph, contract::ModelCard card,
                       const FileParts& parts, Notes notes) {
  const ExportOptions& options = plan.options;
  base::MakeFolders(options.output.parent_path());
  std::optional<targets::MmdeployFiles>
      mmdeploy;  // whole under temporary names before the model appears
  const auto metadata = [&](const std::vector<NonFinite>& odd) {
    if (const std::string text = NonFiniteText(odd); !text.empty()) {
      if (options.strict) RefuseWarnings(options, {text});
      notes.push_back(text);
    }
    card.checkpoint = SourceOf(options.checkpoint, parts.digest());
    if (plan.layout == contract::OutputLayout::kMmdeploy) mmdeploy.emplace(card, options, notes);
    auto keys = MetadataKeys(card, options.dynamic_size);
    keys.insert(parts.metadata.begin(), parts.metadata.end());
    return keys;
  };
  ExportReport report;
  report.bytes = onnx::write::WriteOnnx(graph, parts.header, options.output, metadata);
  if (mmdeploy) mmdeploy->Commit();
  report.output = options.output;
  report.type = card.type;
  report.detector = card.detector;
  report.inputs = Summaries(graph, graph.inputs());
  report.outputs = Summaries(graph, graph.outputs());
  report.parameters = graph.ConstantElements();
  report.nodes = static_cast<std::int64_t>(graph.nodes().size());
  report.notes = std::move(notes);
  return report;
}

}  // namespace yoloport::exporting
