#include "testing/cases/spread_network.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>

#include "checkpoint/checkpoint.h"
#include "contract/model_card.h"
#include "onnx/outline/read_metadata.h"
#include "runtime/session.h"
#include "yoloport/error.h"

namespace yoloport::test_support {
namespace {

namespace fs = std::filesystem;
using tensor::Tensor;

constexpr double kThreshold = 0.25;
constexpr double kClassDeviation = 1.2;

enum class Kind { kClass, kBox, kObjectness };

// What a channel of the raw heads is to look like.
struct Goal {
  Kind kind;
  double mean;
  double deviation;
};

// new = gain * old + shift
struct Change {
  double gain;
  double shift;
};

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// Some classes are likelier, so that boxes of one class overlap and are suppressed.
void AddClasses(std::vector<Goal>& goals, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    goals.push_back({Kind::kClass, i % 5 == 0 ? 1.0 : 0.0, kClassDeviation});
  }
}

// The goals of a level's channels, in easydeploy's order (tasks/detect/host/raw_head.h).
std::vector<Goal> GoalsOf(const contract::ModelCard& info, std::size_t channels) {
  std::vector<Goal> goals;
  const Goal objectness = {Kind::kObjectness, 1, 1.5};
  while (info.type == "yolov5" || info.type == "yolov7") {
    for (const double mean : {0.0, 0.0, 0.5, 0.5}) goals.push_back({Kind::kBox, mean, 0.2});
    goals.push_back(objectness);
    AddClasses(goals, info.classes.size());
    if (goals.size() >= channels) return goals;
  }
  AddClasses(goals, info.classes.size());
  if (info.type == "yolox") {
    for (const double mean : {0.0, 0.0, 1.7, 1.7}) goals.push_back({Kind::kBox, mean, 0.25});
    goals.push_back(objectness);
    return goals;
  }
  const int bins = info.reg_max + 1;
  for (int i = 0; i < 4 * bins; ++i) {
    // Distances as they are stay positive. Of few bins the far ones are likelier, or no boxes would
    // overlap.
    const Goal plain = {Kind::kBox, 3, 0.4};
    goals.push_back(bins == 1 ? plain : Goal{Kind::kBox, bins < 8 ? i % bins : 0.0, 1});
  }
  return goals;
}

// One level of the raw heads: C x H x W of each image, H and W its own.
class RawLevelMaps {
 public:
  // N x C x H x W.
  void Add(const Tensor& map) {
    channels_ = static_cast<std::size_t>(map.shape()[1]);
    const auto images = static_cast<std::size_t>(map.shape()[0]);
    const std::size_t size = map.values<float>().size() / images;
    for (std::size_t image = 0; image < images; ++image) {
      images_.push_back(map.values<float>().subspan(image * size, size));
    }
    held_.push_back(map);
  }

  std::size_t images() const { return images_.size(); }
  std::size_t channels() const { return channels_; }
  std::size_t cells(std::size_t image) const { return images_[image].size() / channels_; }
  double at(std::size_t image, std::size_t channel, std::size_t cell) const {
    return images_[image][channel * cells(image) + cell];
  }

  double Mean(std::size_t channel) const {
    return MeanOf(channel, [](double value) { return value; });
  }
  double Variance(std::size_t channel) const {
    const double mean = Mean(channel);
    return MeanOf(channel, [&](double value) { return (value - mean) * (value - mean); });
  }

 private:
  template <typename Function>
  double MeanOf(std::size_t channel, const Function& function) const {
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t image = 0; image < images(); ++image) {
      count += cells(image);
      for (std::size_t cell = 0; cell < cells(image); ++cell) {
        sum += function(at(image, channel, cell));
      }
    }
    return sum / static_cast<double>(count);
  }

  std::vector<Tensor> held_;
  std::vector<std::span<const float>> images_;
  std::size_t channels_ = 0;
};

// Channels of a kind share their gain: of small maps there are too few numbers for one each.
std::vector<Change> ChangesOf(const RawLevelMaps& map, const std::vector<Goal>& goals) {
  std::map<Kind, std::pair<double, int>> variances;
  for (std::size_t i = 0; i < goals.size(); ++i) {
    variances[goals[i].kind].first += map.Variance(i);
    ++variances[goals[i].kind].second;
  }
  std::vector<Change> changes;
  for (std::size_t i = 0; i < goals.size(); ++i) {
    const auto& [sum, count] = variances[goals[i].kind];
    const double gain = goals[i].deviation / std::max(std::sqrt(sum / count), 1e-6);
    changes.push_back({gain, goals[i].mean - gain * map.Mean(i)});
  }
  return changes;
}

// What must be added to each class logit of a level for its score to be just kThreshold.
void AddMissing(const RawLevelMaps& map, const std::vector<Goal>& goals,
                const std::vector<Change>& changes, std::vector<double>& missing) {
  for (std::size_t image = 0; image < map.images(); ++image) {
    for (std::size_t cell = 0; cell < map.cells(image); ++cell) {
      const auto value = [&](std::size_t channel) {
        return changes[channel].gain * map.at(image, channel, cell) + changes[channel].shift;
      };
      // Objectness comes before the classes of its anchor, or last.
      double objectness = goals.back().kind == Kind::kObjectness ? value(goals.size() - 1) : 100;
      for (std::size_t i = 0; i < goals.size(); ++i) {
        if (goals[i].kind == Kind::kObjectness) objectness = value(i);
        if (goals[i].kind != Kind::kClass) continue;
        const double score = kThreshold / Sigmoid(objectness);
        if (score < 1) missing.push_back(std::log(score / (1 - score)) - value(i));
      }
    }
  }
}

// The shift that brings about `boxes` scores above the threshold, in the middle of the widest gap
// there.
double ClassShift(std::vector<double> missing, std::size_t boxes) {
  std::sort(missing.begin(), missing.end());
  if (missing.size() <= boxes + boxes / 10) throw Error("too few positions for so many boxes");
  std::size_t best = boxes;
  for (std::size_t i = boxes - boxes / 10; i < boxes + boxes / 10; ++i) {
    if (missing[i] - missing[i - 1] > missing[best] - missing[best - 1]) best = i;
  }
  return (missing[best] + missing[best - 1]) / 2;
}

// The last convolutions of each level's head by their keys without ".weight", in the order of the
// channels that they give.
std::vector<std::vector<std::string>> LastConvolutions(const std::map<std::string, Tensor>& weights,
                                                       std::size_t levels) {
  static const std::regex kKey(
      R"(bbox_head\.(?:head_module\.)?(?:(?:main_)?convs_pred|(cls_preds|multi_level_conv_cls|rtm_cls)|)"
      R"((reg_preds|multi_level_conv_reg|rtm_reg)|(multi_level_conv_obj))\.(\d+)(?:\.\d+)?\.bias)");
  std::vector<std::map<int, std::string>> found(levels);
  for (const auto& [key, tensor] : weights) {
    std::smatch match;
    if (!std::regex_match(key, match, kKey)) continue;
    const int order = match[1].matched ? 1 : match[2].matched ? 2 : match[3].matched ? 3 : 0;
    found.at(std::stoul(match[4]))[order] = key.substr(0, key.size() - std::string(".bias").size());
  }
  std::vector<std::vector<std::string>> result(levels);
  for (std::size_t level = 0; level < levels; ++level) {
    for (const auto& [order, key] : found[level]) result[level].push_back(key);
  }
  return result;
}

// What a layer behind the convolution multiplies its channels by (YOLOv7): that of the next number.
std::vector<float> Multipliers(const std::map<std::string, Tensor>& weights,
                               const std::string& conv, std::size_t channels) {
  const std::size_t dot = conv.rfind('.');
  const std::string next =
      conv.substr(0, dot + 1) + std::to_string(std::stoul(conv.substr(dot + 1)) + 1) + ".implicit";
  const auto found = weights.find(next);
  if (found == weights.end()) return std::vector<float>(channels, 1);
  const auto values = found->second.values<float>();
  return {values.begin(), values.end()};
}

void Apply(std::map<std::string, Tensor>& weights, const std::string& conv,
           std::span<const Change> changes) {
  Tensor& weight = weights.at(conv + ".weight");
  Tensor& bias = weights.at(conv + ".bias");
  const std::vector<float> multipliers = Multipliers(weights, conv, changes.size());
  std::vector<float> rows(weight.values<float>().begin(), weight.values<float>().end());
  std::vector<float> biases(bias.values<float>().begin(), bias.values<float>().end());
  const std::size_t row = rows.size() / biases.size();
  for (std::size_t i = 0; i < biases.size(); ++i) {
    const auto gain = static_cast<float>(changes[i].gain);
    for (std::size_t j = 0; j < row; ++j) rows[i * row + j] *= gain;
    biases[i] = gain * biases[i] + static_cast<float>(changes[i].shift) / multipliers[i];
  }
  weight = Tensor::Of<float>(weight.shape(), std::move(rows));
  bias = Tensor::Of<float>(bias.shape(), std::move(biases));
}

// What the network's raw heads give for `images`, by level, and what its file says of itself.
std::pair<contract::ModelCard, std::vector<RawLevelMaps>> RunRawHeads(ExportOptions options,
                                                                      const ImagesOf& images,
                                                                      const fs::path& folder) {
  options.model_only = true;
  options.output = folder / "before_spreading.onnx";
  Export(options);
  contract::ModelCard info =
      contract::ModelCardFromJson(onnx::outline::ReadOnnxMetadata(options.output).at("yoloport"));
  const auto session = runtime::OpenSession(options.output, {});
  std::vector<RawLevelMaps> levels(session->outputs().size());
  for (const Tensor& input : images(info.preprocess)) {
    const std::vector<Tensor> outputs = session->Run({&input, 1});
    for (std::size_t level = 0; level < levels.size(); ++level) levels[level].Add(outputs[level]);
  }
  fs::remove(options.output);
  return {std::move(info), std::move(levels)};
}

// All that computes: counters are left out.
std::map<std::string, Tensor> FloatWeights(const fs::path& path) {
  std::map<std::string, Tensor> weights;
  const checkpoint::Checkpoint checkpoint = checkpoint::Checkpoint::Open(path);
  for (const checkpoint::NamedTensor& entry : checkpoint.tensors()) {
    if (!entry.usable() || entry.tensor.dtype() == tensor::DType::kInt64) continue;
    weights[entry.key] = entry.tensor.Dense().To(tensor::DType::kFloat32);
  }
  return weights;
}

void WriteSafetensors(const std::map<std::string, Tensor>& weights, const fs::path& path) {
  nlohmann::json header;
  std::size_t at = 0;
  for (const auto& [key, tensor] : weights) {
    header[key] = {{"dtype", "F32"},
                   {"shape", tensor.shape()},
                   {"data_offsets", {at, at + tensor.byte_size()}}};
    at += tensor.byte_size();
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  std::ofstream file(path, std::ios::binary);
  const std::uint64_t length = text.size();
  file.write(reinterpret_cast<const char*>(&length), sizeof(length));
  file << text;
  for (const auto& [key, tensor] : weights) {
    file.write(reinterpret_cast<const char*>(tensor.bytes().data()),
               static_cast<std::streamsize>(tensor.byte_size()));
  }
  if (!file.flush()) throw Error(path.native() + " cannot be written");
}

}  // namespace

fs::path WriteSpreadCheckpoint(const ExportOptions& plain, const ImagesOf& images,
                               const fs::path& folder) {
  const auto [info, levels] = RunRawHeads(plain, images, folder);
  std::vector<std::vector<Goal>> goals;
  std::vector<std::vector<Change>> changes;
  std::vector<double> missing;
  for (const RawLevelMaps& map : levels) {
    goals.push_back(GoalsOf(info, map.channels()));
    if (goals.back().size() != map.channels()) throw Error("a head of unknown channels");
    changes.push_back(ChangesOf(map, goals.back()));
    AddMissing(map, goals.back(), changes.back(), missing);
  }
  const double shift = ClassShift(std::move(missing), kSpreadBoxes * levels.front().images());

  std::map<std::string, Tensor> weights = FloatWeights(plain.checkpoint);
  const auto layers = LastConvolutions(weights, levels.size());
  for (std::size_t level = 0; level < levels.size(); ++level) {
    for (std::size_t i = 0; i < goals[level].size(); ++i) {
      if (goals[level][i].kind == Kind::kClass) changes[level][i].shift += shift;
    }
    std::span<const Change> rest = changes[level];
    for (const std::string& conv : layers[level]) {
      const auto channels = static_cast<std::size_t>(weights.at(conv + ".bias").size());
      // YOLOv6's raw heads hold the means of its distributions, which lie above 0 as they are.
      const bool is_seen = channels <= rest.size();
      if (is_seen) Apply(weights, conv, rest.first(channels));
      rest = rest.subspan(std::min(channels, rest.size()));
    }
    if (!rest.empty()) throw Error("the head's last convolutions were not found");
  }
  fs::path path = folder / "spread.safetensors";
  WriteSafetensors(weights, path);
  return path;
}

}  // namespace yoloport::test_support
