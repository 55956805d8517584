#include "onnx/rewrite.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <deque>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "base/text.h"
#include "contract/input_names.h"
#include "contract/model_card.h"
#include "onnx/wire/proto_fields.h"
#include "onnx/wire/tensor_header.h"
#include "onnx/wire/wire_edit.h"
#include "yoloport/error.h"
#include "yoloport/limits.h"

namespace yoloport {
namespace {

using wire::Field;

[[noreturn]] void FailBroken(const std::filesystem::path& path) {
  throw ModelError(Quote(path.native()) + ": is a broken ONNX file", "export it again");
}

template <typename T>
std::string Repeated(std::int64_t count, T value) {
  std::string bytes(static_cast<std::size_t>(count) * sizeof(T), '\0');
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(T)) {
    std::memcpy(bytes.data() + at, &value, sizeof(T));
  }
  return bytes;
}

// As libprotobuf writes it.
std::string TensorMessage(const OnnxTensor& tensor, const Shape& dims, const std::string& raw) {
  std::string out;
  for (const std::int64_t extent : dims) wire::AppendInt(out, tensor_proto::kDims, extent);
  wire::AppendInt(out, tensor_proto::kDataType, tensor.type);
  wire::AppendBytes(out, tensor_proto::kName, tensor.name);
  wire::AppendBytes(out, tensor_proto::kRawData, raw);
  return out;
}

// One copy of a file in the making: views into the old file, and new pieces between them.
class Copy {
 public:
  void Keep(std::string_view bytes) {
    // Neighbours in the file are one piece.
    if (!pieces_.empty() && pieces_.back().data() + pieces_.back().size() == bytes.data()) {
      pieces_.back() = {pieces_.back().data(), pieces_.back().size() + bytes.size()};
    } else {
      pieces_.push_back(bytes);
    }
    size_ += bytes.size();
  }
  void Add(std::string bytes) {
    own_.push_back(std::move(bytes));
    pieces_.push_back(own_.back());
    size_ += own_.back().size();
  }
  void Append(Copy&& other) {
    for (const std::string_view piece : other.pieces_) pieces_.push_back(piece);
    size_ += other.size_;
    parts_.push_back(std::move(other.own_));
  }
  std::uint64_t size() const { return size_; }
  void Write(AtomicFile& file) const {
    for (const std::string_view piece : pieces_) file.Write(piece);
  }

 private:
  std::vector<std::string_view> pieces_;
  std::deque<std::string> own_;  // references stay valid while it grows, and when it moves
  std::vector<std::deque<std::string>> parts_;
  std::uint64_t size_ = 0;
};

// The rewriting of a graph; counts what it found of each threshold.
class GraphRewriter {
 public:
  explicit GraphRewriter(const ThresholdChanges& changes) : changes_(changes) {}

  // False when `graph` is broken.
  bool Run(std::string_view graph, Copy& copy) {
    bool whole = true;
    whole &= wire::ForEachRawField(graph, [&](const Field& field, std::string_view raw) {
      std::optional<std::string> changed;
      if (field.IsMessage(graph_proto::kInitializer)) changed = Initializer(field.bytes);
      if (field.IsMessage(graph_proto::kNode)) changed = Node(field.bytes);
      if (field.IsMessage(graph_proto::kOutput)) changed = Output(field.bytes);
      if (field.IsMessage(graph_proto::kValueInfo)) changed = PluginResult(field.bytes);
      if (!changed) {
        copy.Keep(raw);
        return;
      }
      std::string message;
      wire::AppendBytes(message, field.number, *changed);
      copy.Add(std::move(message));
    });
    return whole;
  }

  bool found_score() const { return found_score_; }
  bool found_iou() const { return found_iou_; }
  bool found_keep() const { return found_keep_; }

 private:
  // Each gives the new message, or nothing where the old one stays.
  std::optional<std::string> Initializer(std::string_view message);
  std::optional<std::string> Node(std::string_view message);
  std::optional<std::string> Output(std::string_view message);
  std::optional<std::string> PluginResult(std::string_view message);

  std::optional<std::string> KeepTensor(const OnnxTensor& tensor);
  // The new value of a plugin's attribute as its field; nothing for other attributes.
  std::optional<std::string> AttributeValue(bool batched, std::string_view name);
  std::string Attribute(bool batched, std::string_view message);

  const ThresholdChanges& changes_;
  std::set<std::string_view> plugin_results_;  // names of those with K rows
  bool found_score_ = false;
  bool found_iou_ = false;
  bool found_keep_ = false;
};

std::optional<std::string> GraphRewriter::Initializer(std::string_view message) {
  OnnxTensor tensor;
  if (!ReadTensorHeader(message, tensor)) return std::nullopt;
  const auto threshold = [&](const std::optional<double>& value, bool& found) {
    found = true;
    if (!value) return std::optional<std::string>();
    return std::optional(TensorMessage(tensor, {1}, Repeated(1, static_cast<float>(*value))));
  };
  if (tensor.name == contract::kScoreConstant || tensor.name == contract::kScoreInput) {
    return threshold(changes_.score, found_score_);
  }
  if (tensor.name == contract::kIouConstant || tensor.name == contract::kIouInput) {
    return threshold(changes_.iou, found_iou_);
  }
  return KeepTensor(tensor);
}

std::optional<std::string> GraphRewriter::KeepTensor(const OnnxTensor& tensor) {
  found_keep_ |= tensor.name == contract::kKeepConstant;
  if (!changes_.keep_topk) return std::nullopt;
  const std::int64_t keep = *changes_.keep_topk;
  if (tensor.name == contract::kKeepConstant) return TensorMessage(tensor, {1}, Repeated(1, keep));
  if (tensor.name == contract::kNoBoxesConstant) {
    return TensorMessage(tensor, {keep, 4}, Repeated(4 * keep, 0.0F));
  }
  if (tensor.name == contract::kNoLabelsConstant) {
    return TensorMessage(tensor, {keep}, Repeated(keep, std::int64_t{-1}));
  }
  if (tensor.name == contract::kNoScoresConstant && tensor.dims.size() == 2) {
    if (tensor.dims[0] < 1 || tensor.dims[0] > kLargestBatch) {
      throw ModelError("the tensor " + Quote(tensor.name) + " is for a batch of " +
                           std::to_string(tensor.dims[0]) + "; at most " +
                           std::to_string(kLargestBatch) + " are supported",
                       "export it again");
    }
    return TensorMessage(tensor, {tensor.dims[0], keep}, Repeated(tensor.dims[0] * keep, 0.0F));
  }
  return std::nullopt;
}

std::optional<std::string> GraphRewriter::Node(std::string_view message) {
  std::string_view type;
  wire::ForEachField(message, [&](const Field& field) {
    if (field.IsMessage(node_proto::kType)) type = field.bytes;
  });
  const bool batched = type == "BatchedNMSDynamic_TRT";
  if (!batched && type != "EfficientNMS_TRT") return std::nullopt;
  if (changes_.keep_topk && *changes_.keep_topk > kLargestPluginTopk) {
    throw UsageError("--keep-topk is " + std::to_string(*changes_.keep_topk) +
                     "; TensorRT's plugins take at most " + std::to_string(kLargestPluginTopk));
  }
  std::string out;
  bool is_first = true;  // the count, which has no row for each detection
  wire::ForEachRawField(message, [&](const Field& field, std::string_view raw) {
    if (field.IsMessage(node_proto::kOutput) && !std::exchange(is_first, false)) {
      plugin_results_.insert(field.bytes);
    }
    if (field.IsMessage(node_proto::kAttribute)) {
      wire::AppendBytes(out, field.number, Attribute(batched, field.bytes));
    } else {
      out += raw;
    }
  });
  return out;
}

std::optional<std::string> GraphRewriter::AttributeValue(bool batched, std::string_view name) {
  const auto number = [&](const std::optional<double>& value, bool& found) {
    found = true;
    std::string field;
    if (value) wire::AppendFloat(field, attribute_proto::kFloat, static_cast<float>(*value));
    return value ? std::optional(field) : std::nullopt;
  };
  const auto integer = [&](std::int64_t value) {
    std::string field;
    wire::AppendInt(field, attribute_proto::kInt, value);
    return field;
  };
  if (name == (batched ? "scoreThreshold" : "score_threshold")) {
    return number(changes_.score, found_score_);
  }
  if (name == (batched ? "iouThreshold" : "iou_threshold")) {
    return number(changes_.iou, found_iou_);
  }
  if (name == (batched ? "keepTopK" : "max_output_boxes")) {
    found_keep_ = true;
    if (changes_.keep_topk) return integer(*changes_.keep_topk);
  }
  // Below keepTopK the plugin would leave its outputs unwritten.
  if (batched && name == "topK" && changes_.keep_topk) {
    return integer(std::min(std::max(changes_.pre_topk, *changes_.keep_topk), kLargestPluginTopk));
  }
  return std::nullopt;
}

std::string GraphRewriter::Attribute(bool batched, std::string_view message) {
  std::string_view name;
  wire::ForEachField(message, [&](const Field& field) {
    if (field.IsMessage(attribute_proto::kName)) name = field.bytes;
  });
  const auto value = AttributeValue(batched, name);
  if (!value) return std::string(message);
  std::string out;
  wire::ForEachRawField(message, [&](const Field& field, std::string_view raw) {
    const bool is_value =
        field.number == attribute_proto::kFloat || field.number == attribute_proto::kInt;
    out += is_value ? std::string_view(*value) : raw;
  });
  return out;
}

// The extent `axis` of a ValueInfoProto's shape, changed to `extent`; other fields as they are.
// `path`: the field numbers that lead to the dimensions.
std::string WithExtent(std::string_view message, std::span<const std::uint64_t> path,
                       std::int64_t extent) {
  std::string out;
  int axis = 0;
  wire::ForEachRawField(message, [&](const Field& field, std::string_view raw) {
    const bool leads = field.IsMessage(path.front());
    if (leads && path.size() > 1) {
      wire::AppendBytes(out, field.number, WithExtent(field.bytes, path.subspan(1), extent));
    } else if (leads && axis++ == 1) {
      std::string dim;
      wire::AppendInt(dim, dim_proto::kValue, extent);
      wire::AppendBytes(out, field.number, dim);
    } else {
      out += raw;
    }
  });
  return out;
}

std::string_view ValueName(std::string_view message) {
  std::string_view name;
  wire::ForEachField(message, [&](const Field& field) {
    if (field.IsMessage(value_proto::kName)) name = field.bytes;
  });
  return name;
}

// A ValueInfoProto whose second extent is `keep`.
std::string WithRows(std::string_view message, std::int64_t keep) {
  constexpr std::uint64_t kPath[] = {value_proto::kType, type_proto::kTensor,
                                     tensor_type_proto::kShape, shape_proto::kDim};
  return WithExtent(message, kPath, keep);
}

// Whether the output has a row for each detection, in whatever layout it is one of.
bool HasRows(std::string_view output) {
  for (std::size_t layout = 0; layout < contract::kOutputLayoutNames.size(); ++layout) {
    auto names = contract::OutputNames(static_cast<contract::OutputLayout>(layout));
    if (names.size() == 4) names = names.subspan(1);  // the first counts
    if (std::find(names.begin(), names.end(), output) != names.end()) return true;
  }
  return false;
}

std::optional<std::string> GraphRewriter::Output(std::string_view message) {
  if (!changes_.keep_topk) return std::nullopt;
  if (!HasRows(ValueName(message))) return std::nullopt;
  return WithRows(message, *changes_.keep_topk);
}

std::optional<std::string> GraphRewriter::PluginResult(std::string_view message) {
  if (!changes_.keep_topk || !plugin_results_.contains(ValueName(message))) return std::nullopt;
  return WithRows(message, *changes_.keep_topk);
}

bool IsDocument(std::string_view entry) {
  bool found = false;
  wire::ForEachField(entry, [&](const Field& field) {
    found |= field.IsMessage(entry_proto::kKey) && field.bytes == "yoloport";
  });
  return found;
}

std::string DocumentEntry(const std::string& document) {
  std::string entry;
  wire::AppendBytes(entry, entry_proto::kKey, "yoloport");
  wire::AppendBytes(entry, entry_proto::kValue, document);
  std::string field;
  wire::AppendBytes(field, model_proto::kMetadataProps, entry);
  return field;
}

void RequireFound(const GraphRewriter& graph, const ThresholdChanges& changes,
                  const std::filesystem::path& path) {
  const auto require = [&](bool asked, bool found, const char* what) {
    if (!asked || found) return;
    throw ModelError(Quote(path.native()) + ": its graph has no " + what + " that can be changed",
                     "export it again");
  };
  require(changes.score.has_value(), graph.found_score(), "score threshold");
  require(changes.iou.has_value(), graph.found_iou(), "IoU threshold");
  require(changes.keep_topk.has_value(), graph.found_keep(), "keep-topk");
}

}  // namespace

std::uint64_t RewriteThresholds(const std::filesystem::path& from, const std::filesystem::path& to,
                                const ThresholdChanges& changes) {
  const auto file = MappedFile::Open(from);
  GraphRewriter rewriter(changes);
  Copy copy;
  bool whole = true;
  whole &= wire::ForEachRawField(file->text(), [&](const Field& field, std::string_view raw) {
    if (field.IsMessage(model_proto::kGraph)) {
      Copy graph;
      whole &= rewriter.Run(field.bytes, graph);
      copy.Add(wire::BytesHeader(field.number, graph.size()));
      copy.Append(std::move(graph));
    } else if (field.IsMessage(model_proto::kMetadataProps) && IsDocument(field.bytes)) {
      copy.Add(DocumentEntry(changes.metadata));
    } else {
      copy.Keep(raw);
    }
  });
  if (!whole) FailBroken(from);
  RequireFound(rewriter, changes, from);
  AtomicFile target(to);
  copy.Write(target);
  target.Commit();
  return copy.size();
}

}  // namespace yoloport
