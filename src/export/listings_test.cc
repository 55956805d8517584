// Exported graphs as listings in testdata/listings: the whole network of each family, and for one
// network what follows its neck with each backend, layout and variant.
//
// A failure says that a graph changed, not that it is wrong. After an intended change, rewrite the
// files (testing/golden_text.h) and review the difference.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <ostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "export/export_graph.h"
#include "graph/listing.h"
#include "testing/golden_text.h"
#include "yoloport/export.h"

namespace yoloport::exporting {
namespace {

namespace fs = std::filesystem;

const char* const kFolder = "testdata/listings";

struct ListingCase {
  std::string name;  // of the file
  ExportOptions options;
  bool is_whole = false;  // else without backbone and neck

  friend void PrintTo(const ListingCase& each, std::ostream* out) { *out << each.name; }
};

// Fewer candidates than the first level has anchors, more than the last level has: the listing then
// shows levels that are ranked, one that is not, and the ranking of all together.
constexpr std::int64_t kRanked = 30;

ListingCase Case(std::string name, const std::string& network, ExportOptions options) {
  const fs::path folder = fs::path("testdata/parity") / network;
  options.config = folder / "config.py";
  options.checkpoint = folder / "checkpoint.pth";
  options.height = 64;
  options.width = 128;
  options.keep_topk = 10;
  return {std::move(name), std::move(options)};
}

std::vector<ListingCase> Families() {
  std::vector<ListingCase> cases;
  for (const char* network : {"ppyoloe_plus_s", "rtmdet_tiny", "yolov5_n", "yolov6_n",
                              "yolov7_tiny", "yolov8_n", "yolox_tiny"}) {
    cases.push_back(Case(network, network, {.pre_topk = kRanked}));
    cases.back().is_whole = true;
  }
  return cases;
}

// Of the network with the smallest head, whose family listing is that of the backend onnxruntime.
// Variants that do not affect ranking are listed without it, which is shorter.
std::vector<ListingCase> Variants() {
  std::vector<ListingCase> cases;
  const auto add = [&](const char* name, ExportOptions options) {
    cases.push_back(Case(name, "yolov5_n", std::move(options)));
  };
  add("backend_ncnn", {.backend = "ncnn"});
  add("backend_openvino", {.backend = "openvino", .pre_topk = kRanked});
  add("backend_tensorrt7", {.backend = "tensorrt7", .pre_topk = kRanked});
  add("backend_tensorrt8", {.backend = "tensorrt8", .pre_topk = kRanked});
  add("layout_efficientnms", {.backend = "tensorrt8", .layout = "efficientnms"});
  add("layout_mmdeploy", {.layout = "mmdeploy"});
  add("layout_ultralytics", {.layout = "ultralytics"});
  add("variant_batch", {.batch = 2, .pre_topk = kRanked});
  add("variant_class_agnostic", {.class_agnostic = true});
  add("variant_class_agnostic_tensorrt8", {.backend = "tensorrt8", .class_agnostic = true});
  for (const char* backend : {"onnxruntime", "openvino", "tensorrt7"}) {
    const ExportOptions options = {
        .dynamic_batch = true, .dynamic_size = true, .backend = backend, .pre_topk = kRanked};
    cases.push_back(Case(std::string("variant_dynamic_") + backend, "yolov5_n", options));
  }
  add("variant_half", {.half = true});
  add("variant_min_box_size", {.batch = 2, .min_box_size = 4});
  add("variant_min_box_size_tensorrt8", {.backend = "tensorrt8", .min_box_size = 4});
  add("variant_model_only", {.model_only = true});
  add("variant_opset_17", {.opset = 17, .pre_topk = kRanked});
  add("variant_runtime_thresholds", {.runtime_thresholds = true});
  add("variant_single_label",
      {.cfg_options = {"model.test_cfg.multi_label=False"}, .from_test_cfg = true});
  add("variant_uint8", {.input = "uint8", .model_only = true});
  add("variant_uint8_nhwc_rgb",
      {.input = "uint8", .input_layout = "nhwc", .input_color = "rgb", .model_only = true});
  // With means other than 0.
  cases.push_back(
      Case("variant_uint8_means", "rtmdet_tiny", {.input = "uint8", .model_only = true}));
  return cases;
}

// Counts the nodes of backbone and neck instead of listing them, except those that read the image.
std::string WithoutNetwork(const std::string& listing) {
  std::istringstream lines(listing);
  std::string text;
  std::size_t left_out = 0;
  for (std::string line; std::getline(lines, line);) {
    const bool is_network = line.starts_with("backbone.") || line.starts_with("neck.");
    const bool reads_image = line.find("(images") != std::string::npos;
    if (!is_network || reads_image) {
      text += line + "\n";
    } else {
      ++left_out;
    }
  }
  return text + std::to_string(left_out) + " more nodes in backbone and neck\n";
}

class ListingsTest : public testing::TestWithParam<ListingCase> {};

TEST_P(ListingsTest, MatchTheirFiles) {
  const ListingCase& tested = GetParam();
  const std::string listing = graph::Listing(*ExportGraph(tested.options));
  EXPECT_TRUE(test_support::IsGolden(tested.is_whole ? listing : WithoutNetwork(listing),
                                     fs::path(kFolder) / (tested.name + ".txt")));
}

constexpr auto kNameOf = [](const auto& test) { return test.param.name; };

INSTANTIATE_TEST_SUITE_P(Families, ListingsTest, testing::ValuesIn(Families()), kNameOf);
INSTANTIATE_TEST_SUITE_P(Variants, ListingsTest, testing::ValuesIn(Variants()), kNameOf);

TEST(ListingsFolderTest, EveryFileIsCompared) {
  std::vector<std::string> expected;
  for (const auto& cases : {Families(), Variants()}) {
    for (const ListingCase& each : cases) expected.push_back(each.name + ".txt");
  }
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    files.push_back(entry.path().filename());
  }
  std::sort(expected.begin(), expected.end());
  std::sort(files.begin(), files.end());
  EXPECT_EQ(files, expected);
}

}  // namespace
}  // namespace yoloport::exporting
