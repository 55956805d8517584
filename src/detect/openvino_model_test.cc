// OpenVINO's own files in the detector: MODEL.xml and MODEL.bin, written here as OpenVINO writes
// them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "base/text.h"
#include "contract/model_card.h"
#include "testing/files/tiny_detector.h"
#include "testing/temporary_folder.h"
#include "yoloport/detector.h"
#include "yoloport/error.h"
#include "yoloport/image.h"

namespace yoloport::detect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string Dims(const std::vector<int>& dims) {
  std::string text;
  for (const int dim : dims) text += "<dim>" + std::to_string(dim) + "</dim>";
  return text;
}

std::string Port(int id, const char* precision, const std::vector<int>& dims,
                 const std::string& names = {}) {
  return "<port id=\"" + std::to_string(id) + "\" precision=\"" + precision + "\"" +
         (names.empty() ? "" : " names=\"" + names + "\"") + ">" + Dims(dims) + "</port>";
}

std::string Layer(int id, const char* type, const std::string& data, const std::string& in,
                  const std::string& out, int version = 1) {
  return "<layer id=\"" + std::to_string(id) + "\" name=\"l" + std::to_string(id) + "\" type=\"" +
         type + "\" version=\"opset" + std::to_string(version) + "\">" + data +
         (in.empty() ? "" : "<input>" + in + "</input>") +
         (out.empty() ? "" : "<output>" + out + "</output>") + "</layer>";
}

// The mean of a picture of 64 x 64 times 1 x a x b weights; `info` is the model's rt_info.
std::string Graph(int a, int b, const std::string& output, const std::string& info) {
  const std::vector<int> picture = {1, 3, 64, 64};
  const std::vector<int> rows = {1, a, b};
  const std::string shape = "1," + std::to_string(a) + "," + std::to_string(b);
  const std::string size = std::to_string(4 * a * b);
  std::string text = "<?xml version=\"1.0\"?>\n<net name=\"m\" version=\"11\"><layers>";
  text += Layer(0, "Parameter", "<data shape=\"1,3,64,64\" element_type=\"f32\" />", "",
                Port(0, "FP32", picture, "images"));
  text += Layer(1, "Const", "<data element_type=\"i64\" shape=\"3\" offset=\"0\" size=\"24\" />",
                "", Port(0, "I64", {3}));
  text += Layer(2, "ReduceMean", "<data keep_dims=\"false\" />",
                Port(0, "FP32", picture) + Port(1, "I64", {3}), Port(2, "FP32", {1}));
  text += Layer(
      3, "Const",
      "<data element_type=\"f32\" shape=\"" + shape + "\" offset=\"24\" size=\"" + size + "\" />",
      "", Port(0, "FP32", rows));
  text += Layer(4, "Multiply", "<data auto_broadcast=\"numpy\" />",
                Port(0, "FP32", {1}) + Port(1, "FP32", rows), Port(2, "FP32", rows, output));
  text += Layer(5, "Result", "", Port(0, "FP32", rows), "");
  text += "</layers><edges>";
  for (const char* const edge : {"0 0 2 0", "1 0 2 1", "2 2 4 0", "3 0 4 1", "4 2 5 0"}) {
    text += std::string("<edge from-layer=\"") + edge[0] + "\" from-port=\"" + edge[2] +
            "\" to-layer=\"" + edge[4] + "\" to-port=\"" + edge[6] + "\" />";
  }
  return text + "</edges><rt_info>" + info + "</rt_info></net>";
}

// As OpenVINO keeps the metadata of an ONNX file.
std::string Info(const std::map<std::string, std::string>& metadata) {
  std::string text;
  for (const auto& [key, value] : metadata) {
    std::string escaped;
    for (const char c : value) escaped += c == '"' ? "&quot;" : std::string(1, c);
    text.append("<").append(key).append(" value=\"").append(escaped).append("\" />");
  }
  return "<framework>" + text + "</framework>";
}

constexpr int kCells = 84;
const std::map<std::string, std::string> kUltralytics = {
    {"task", "detect"}, {"stride", "32"}, {"names", "{0: 'cat', 1: 'dog'}"}};

Image White() {
  Image image(64, 64);
  std::fill_n(image.data(), image.stride() * 64, std::uint8_t{255});
  return image;
}

class OpenVinoModelTest : public test_support::TemporaryFolder {
 protected:
  void SetUp() override {
    if (YOLOPORT_HAS_OPENVINO == 0) GTEST_SKIP() << "OpenVINO is not built in";
  }
  // `first`: the first row's numbers.
  void Write(const std::string& graph, int rows, const std::vector<float>& first,
             bool channels_first) const {
    std::ofstream(path_) << graph;
    std::ofstream weights(folder_ / "m.bin", std::ios::binary);
    for (const std::int64_t axis : {1, 2, 3}) {
      weights.write(reinterpret_cast<const char*>(&axis), sizeof axis);
    }
    const auto numbers = static_cast<int>(first.size());
    for (int i = 0; i < rows * numbers; ++i) {
      const int row = channels_first ? i % rows : i / numbers;
      const int number = channels_first ? i / rows : i % numbers;
      const float value = row == 0 ? first[static_cast<std::size_t>(number)] : 0;
      weights.write(reinterpret_cast<const char*>(&value), sizeof value);
    }
  }
  void WriteUltralytics(const std::string& info) const {
    Write(Graph(6, kCells, "", info), kCells, {32, 32, 20, 20, 0, 0.75F}, true);
  }
  std::string ErrorOf(const DetectorOptions& options = {}) const {
    try {
      Detector(path_, options);
    } catch (const Error& error) {
      const std::string name = base::Quote(path_.native()) + ": ";
      return error.message().starts_with(name) ? error.message().substr(name.size())
                                               : error.message();
    }
    return "no error";
  }

  std::filesystem::path path_ = folder_ / "m.xml";
};

TEST_F(OpenVinoModelTest, KeepsTheMetadataOfAnOnnxFile) {
  WriteUltralytics(Info(kUltralytics));
  const Detector detector(path_);
  EXPECT_THAT(detector.runtime(), HasSubstr("OpenVINO"));
  EXPECT_THAT(detector.notes(), ElementsAre(HasSubstr("is taken for Ultralytics' detector")));
  EXPECT_THAT(detector.classes(), ElementsAre("cat", "dog"));
  const auto found = detector.Detect(White().view());
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].label, 1);
  EXPECT_NEAR(found[0].score, 0.75, 1e-5);
  EXPECT_THAT(found[0].box, ElementsAre(22, 22, 42, 42));
  EXPECT_EQ(ErrorOf({.runtime = "openvino"}), "no error");
  EXPECT_EQ(ErrorOf({.runtime = "tensorrt"}),
            "an OpenVINO model runs in the runtime openvino, not in tensorrt");
}

TEST_F(OpenVinoModelTest, UltralyticsKeepsMetadataBesideIt) {
  WriteUltralytics("");
  EXPECT_THAT(ErrorOf(), HasSubstr("does not say what its output 1x6x84 is"));
  EXPECT_EQ(ErrorOf({.model = {.type = "yolov8"}}), "no error");
  const auto metadata = folder_ / "metadata.yaml";
  std::ofstream(metadata) << "task: detect\nstride: 32\nimgsz:\n- 64\n- 64\nnames:\n  0: cat\n"
                             "  1: dog\nargs:\n  nms: null\n";
  EXPECT_THAT(Detector(path_).classes(), ElementsAre("cat", "dog"));
  std::ofstream(metadata) << "task: pose\n";
  EXPECT_THAT(ErrorOf(), HasSubstr("is an Ultralytics model for pose estimation"));
  std::ofstream(metadata) << "task: !!python/object:os.system x\n";
  EXPECT_EQ(ErrorOf(), base::Quote(metadata.native()) +
                           ": line 1: has '!!python/object:os.s...', which is not read here");
  std::ofstream(metadata) << "- detect\n";
  EXPECT_EQ(ErrorOf(), base::Quote(metadata.native()) + ": is not a mapping");
}

// What `yoloport export --layout ultralytics` wrote, converted.
TEST_F(OpenVinoModelTest, OurOwnFilesKeepTheirDocument) {
  contract::ModelCard info = test_support::TinyInfo();
  info.layout = contract::OutputLayout::kUltralytics;
  info.preprocess.width = info.preprocess.height = 64;
  const auto metadata = Info({{"yoloport", contract::ToJson(info)}, {"task", "pose"}});
  Write(Graph(2, 6, "output0", metadata), 2, {8, 8, 24, 16, 0.75F, 1}, false);
  const Detector detector(path_);
  EXPECT_THAT(detector.warnings(), IsEmpty());
  EXPECT_THAT(detector.notes(), IsEmpty());
  EXPECT_EQ(detector.classes(), info.classes);
  const auto found = detector.Detect(White().view());
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_NEAR(found[0].score, 0.75, 1e-5);
}

TEST_F(OpenVinoModelTest, FilesThatAreMissingOrDamaged) {
  EXPECT_THAT(ErrorOf(), HasSubstr("no such file"));
  std::ofstream(path_) << "<?xml version=\"1.0\"?>\n<html/>";
  EXPECT_EQ(ErrorOf(), "is not an OpenVINO model");
  std::ofstream(path_) << Graph(6, kCells, "", Info(kUltralytics));
  const std::string weights = base::Quote((folder_ / "m.bin").native());
  EXPECT_EQ(ErrorOf(), weights + ": no such file; the weights of " + base::Quote(path_.native()) +
                           " are kept there");
  std::ofstream(folder_ / "m.bin") << "too short";
  EXPECT_THAT(ErrorOf(), HasSubstr("OpenVINO does not take this file"));
  std::ofstream(path_) << "<?xml version=\"1.0\"?>\n<net name=\"m\" version=\"11\"><layers>";
  EXPECT_THAT(ErrorOf(), HasSubstr("OpenVINO does not take this file"));
  EXPECT_EQ(ModelFiles(path_).size(), 3U);
  EXPECT_EQ(ModelFiles(path_)[1], folder_ / "m.bin");
}

}  // namespace
}  // namespace yoloport::detect
