// What Export() writes and what it refuses, on every recorded case.
#include "yoloport/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>

#include "checkpoint/checkpoint.h"
#include "onnx/write/writer.h"
#include "testing/cases/cases.h"
#include "testing/contents.h"
#include "yoloport/error.h"

namespace yoloport::exporting {
namespace {

namespace fs = std::filesystem;
using tensor::Tensor;
using test_support::Contents;
using testing::Contains;
using testing::HasSubstr;

using StateDict = std::vector<std::pair<std::string, Tensor>>;

StateDict Load(const fs::path& path) {
  StateDict tensors;
  const checkpoint::Checkpoint checkpoint = checkpoint::Checkpoint::Open(path);
  for (const checkpoint::NamedTensor& entry : checkpoint.tensors()) {
    tensors.emplace_back(entry.key, entry.tensor.To(tensor::DType::kFloat32));
  }
  return tensors;
}

// A checkpoint of our own making: the safetensors format is a JSON header and the bytes.
void Save(const StateDict& tensors, const fs::path& path) {
  nlohmann::ordered_json header;
  std::string data;
  for (const auto& [key, tensor] : tensors) {
    const std::size_t begin = data.size();
    const Tensor dense = tensor.Dense();
    data.append(reinterpret_cast<const char*>(dense.bytes().data()), dense.byte_size());
    header[key] = {
        {"dtype", "F32"}, {"shape", tensor.shape()}, {"data_offsets", {begin, data.size()}}};
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t size = text.size();
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(&size), sizeof size);
  out << text << data;
}

class ExportTest : public testing::TestWithParam<std::string> {
 protected:
  // Tests run side by side: each has a folder of its own.
  static std::string FolderName() {
    std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    std::replace(name.begin(), name.end(), '/', '_');
    return "export_test_" + name;
  }

  ExportTest() : folder_(fs::path(testing::TempDir()) / FolderName()) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    options_.config = test_support::CasesFolder() / GetParam() / "config.py";
    options_.checkpoint = test_support::CasesFolder() / GetParam() / "checkpoint.pth";
    options_.output = folder_ / "model.onnx";
    options_.height = 128;
    options_.width = 192;
  }
  ~ExportTest() override { fs::remove_all(folder_); }

  // Exports the case with a changed state_dict; gives the message of the error that this must be.
  // Nothing may be written.
  std::string ErrorWith(const StateDict& tensors) {
    options_.checkpoint = folder_ / "changed.safetensors";
    Save(tensors, options_.checkpoint);
    try {
      Export(options_);
    } catch (const CheckpointError& error) {
      EXPECT_FALSE(fs::exists(options_.output));
      return error.message();
    }
    return "no error";
  }

  fs::path folder_;
  ExportOptions options_;
};

TEST_P(ExportTest, TheCheckerAcceptsEveryOpset) {
  for (const bool model_only : {false, true}) {
    for (options_.opset = 11; options_.opset <= 17; ++options_.opset) {
      options_.model_only = model_only;
      Export(options_);
      EXPECT_NO_THROW(onnx::write::CheckOnnxFile(options_.output));
    }
  }
}

TEST_P(ExportTest, EqualInputGivesEqualBytes) {
  Export(options_);
  const std::string first = Contents(options_.output);
  Export(options_);
  EXPECT_EQ(first, Contents(options_.output));
}

TEST_P(ExportTest, TheConfigInsideTheCheckpointGivesTheSameGraph) {
  const ExportReport with_file = Export(options_);
  options_.config.clear();
  const ExportReport without = Export(options_);
  EXPECT_EQ(with_file.nodes, without.nodes);
  EXPECT_EQ(with_file.parameters, without.parameters);
}

TEST_P(ExportTest, AMissingKeyIsNamedWithItsShape) {
  StateDict tensors = Load(options_.checkpoint);
  const auto [key, tensor] = tensors.front();
  tensors.erase(tensors.begin());
  const std::string message = ErrorWith(tensors);
  EXPECT_THAT(message, HasSubstr(key));
  EXPECT_THAT(message, HasSubstr("missing"));
}

TEST_P(ExportTest, AKeyThatTheNetworkLacksIsNotedOrRefused) {
  StateDict tensors = Load(options_.checkpoint);
  tensors.emplace_back("backbone.surprise.weight",
                       Tensor::Of<float>({2, 5}, std::vector<float>(10)));
  options_.checkpoint = folder_ / "changed.safetensors";
  Save(tensors, options_.checkpoint);
  EXPECT_THAT(Export(options_).notes,
              Contains("1 key of the checkpoint is not used: the network that the config describes "
                       "has no such weights ('backbone.surprise.weight')"));
  fs::remove(options_.output);
  options_.strict = true;
  EXPECT_THAT(ErrorWith(tensors), HasSubstr("'backbone.surprise.weight'"));
}

// A file's bytes but for the digests of its sources.
std::string WithoutDigests(const fs::path& path) {
  static const std::regex digest("[0-9a-f]{64}");
  return std::regex_replace(Contents(path), digest, "");
}

TEST_P(ExportTest, WrappedKeysGiveTheSameFile) {
  StateDict tensors = Load(options_.checkpoint);
  options_.checkpoint = folder_ / "wrapped.safetensors";
  Save(tensors, options_.checkpoint);
  Export(options_);
  const std::string plain = WithoutDigests(options_.output);
  for (const std::string wrappers : {"module.", "module._orig_mod.", "model.ema.module."}) {
    StateDict wrapped;
    for (const auto& [key, tensor] : tensors) wrapped.emplace_back(wrappers + key, tensor);
    wrapped.emplace_back("steps", Tensor::Of<float>({}, {7}));
    Save(wrapped, options_.checkpoint);
    EXPECT_THAT(Export(options_).notes, Contains(HasSubstr("'" + wrappers + "', which was taken")));
    EXPECT_TRUE(WithoutDigests(options_.output) == plain) << wrappers;
  }
}

// What switch_to_deploy makes of the keys; the sums are compared in rep_vgg_test.cc.
TEST(ExportMergedTest, MergedBlocksAreTakenAndSaid) {
  const fs::path folder = test_support::CasesFolder() / "yolov6_n";
  const fs::path own = fs::path(testing::TempDir()) / "export_test_merged";
  fs::create_directories(own);
  StateDict merged;
  std::size_t blocks = 0;
  const std::string dense = ".rbr_dense.conv.weight";
  for (const auto& [key, tensor] : Load(folder / "checkpoint.pth")) {
    if (key.ends_with(dense)) {
      const std::string block = key.substr(0, key.size() - dense.size()) + ".rbr_reparam.";
      const std::vector<float> bias(static_cast<std::size_t>(tensor.shape()[0]));
      merged.emplace_back(block + "weight", tensor);
      merged.emplace_back(block + "bias", Tensor::Of<float>({tensor.shape()[0]}, bias));
      ++blocks;
    } else if (key.find(".rbr_") == std::string::npos) {
      merged.emplace_back(key, tensor);
    }
  }
  ASSERT_GT(blocks, 0U);
  Save(merged, own / "merged.safetensors");
  const ExportReport report = Export({.config = folder / "config.py",
                                      .checkpoint = own / "merged.safetensors",
                                      .output = own / "model.onnx",
                                      .height = 64,
                                      .width = 96,
                                      .strict = true});
  EXPECT_THAT(
      report.notes,
      Contains("the checkpoint was saved after switch_to_deploy: the branches of " +
               std::to_string(blocks) +
               " RepVGG blocks are merged already (rbr_reparam) and are taken as they are"));
  fs::remove_all(own);
}

TEST_P(ExportTest, AChangedShapeIsNamedWithBothShapes) {
  StateDict tensors = Load(options_.checkpoint);
  auto& [key, tensor] = tensors.front();
  tensor::Shape shape = tensor.shape();
  ++shape[0];
  tensor = Tensor::Of<float>(
      shape, std::vector<float>(static_cast<std::size_t>(tensor::ElementCount(shape))));
  const std::string message = ErrorWith(tensors);
  EXPECT_THAT(message, HasSubstr(key));
  EXPECT_THAT(message, HasSubstr(std::to_string(shape[0]) + "x"));
  EXPECT_THAT(message, HasSubstr(std::to_string(shape[0] - 1) + "x"));
}

class ExportSizeTest : public testing::Test {
 protected:
  // Height and width of the input, and the notes.
  ExportReport ExportDemo(std::optional<int> height, std::optional<int> width,
                          const std::string& scale = "(320, 320)", bool is_dynamic = false) const {
    const std::string config = Contents("demo/config.py");
    const std::string line = "img_scale = (320, 320)";
    std::string changed = config;
    changed.replace(config.find(line), line.size(), "img_scale = " + scale);
    std::ofstream(folder_ / "config.py") << changed;
    return Export({.config = folder_ / "config.py",
                   .checkpoint = "demo/digits.pth",
                   .output = folder_ / "model.onnx",
                   .height = height,
                   .width = width,
                   .dynamic_size = is_dynamic});
  }
  std::string SizeOf(std::optional<int> height, std::optional<int> width) const {
    const tensor::Shape shape = ExportDemo(height, width).inputs.at(0).shape;
    return std::to_string(shape[2]) + " " + std::to_string(shape[3]);
  }

  ExportSizeTest()
      : folder_(fs::path(testing::TempDir()) /
                (std::string("export_size_") +
                 testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::create_directories(folder_);
  }
  ~ExportSizeTest() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_F(ExportSizeTest, WithoutOneTheConfigsTestSizeCounts) {
  EXPECT_EQ(SizeOf({}, {}), "320 320");
  EXPECT_EQ(SizeOf(96, {}), "96 96");
  EXPECT_EQ(SizeOf({}, 96), "96 96");
  EXPECT_EQ(SizeOf(64, 96), "64 96");
}

TEST_F(ExportSizeTest, TheConfigsSizeIsNoted) {
  EXPECT_THAT(ExportDemo({}, {}).notes,
              testing::ElementsAre("the input has the size that the network is tested at: "
                                   "--img-size 320 320"));
  EXPECT_THAT(ExportDemo({}, {}, "(640, 640)").notes, testing::IsEmpty());
  EXPECT_THAT(ExportDemo(320, 320).notes, testing::IsEmpty());
  EXPECT_THAT(ExportDemo({}, {}, "(200, 330)").notes,
              testing::ElementsAre("the input has the size that the network is tested at: "
                                   "--img-size 352 224",
                                   HasSubstr("32 does not divide: they are made for 352 224")));
}

TEST_F(ExportSizeTest, ATestSizeBeyondTheLimitIsRefused) {
  try {
    ExportDemo({}, {}, "(9000, 9000)");
    FAIL() << "accepted";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "the network is tested at 9024 9024 (height, width), which is more than "
                 "8192\nhint: state a size with --img-size");
  }
  EXPECT_NO_THROW(ExportDemo(320, 320, "(9000, 9000)"));
}

TEST_P(ExportTest, AFailureLeavesTheOldFile) {
  std::ofstream(options_.output) << "old";
  options_.height = 129;
  EXPECT_THROW(Export(options_), UsageError);
  EXPECT_EQ(Contents(options_.output), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

INSTANTIATE_TEST_SUITE_P(Cases, ExportTest, testing::ValuesIn(test_support::CaseNames()),
                         [](const testing::TestParamInfo<std::string>& test) {
                           return test.param;
                         });

}  // namespace
}  // namespace yoloport::exporting
