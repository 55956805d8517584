// What Export() writes and what it refuses, on every recorded case.
#include "yoloport/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

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

TEST_P(ExportTest, AnUnexpectedKeyIsNamedWithItsShape) {
  StateDict tensors = Load(options_.checkpoint);
  tensors.emplace_back("backbone.surprise.weight",
                       Tensor::Of<float>({2, 5}, std::vector<float>(10)));
  const std::string message = ErrorWith(tensors);
  EXPECT_THAT(message, HasSubstr("backbone.surprise.weight"));
  EXPECT_THAT(message, HasSubstr("2x5"));
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
