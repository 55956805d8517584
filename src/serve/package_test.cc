// Packages for every server: what is in them, what they refuse, and what is left when they fail.
#include "yoloport/package.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "contract/model_card.h"
#include "serve/template.h"
#include "serve/test_models.h"
#include "testing/files/tiny_onnx.h"

namespace yoloport::serve {
namespace {

namespace fs = std::filesystem;
using base::Quote;
using nlohmann::json;
using test_support::Contents;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class PackagesTest : public PackageTest {
 protected:
  void ExpectError(const PackageOptions& options, const std::string& message) const {
    const auto count = [&] { return std::distance(fs::recursive_directory_iterator(folder_), {}); };
    const auto before = count();
    try {
      Package(options);
      ADD_FAILURE() << "no error instead of " << message;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()), message);
    }
    EXPECT_EQ(count(), before);
  }
};

TEST_F(PackagesTest, ReportsItsFiles) {
  const fs::path model = Write(Demo(), "my digits (1).onnx");
  const PackageReport report = Package({model, "triton", folder_ / "new/package"});
  EXPECT_EQ(report.folder, folder_ / "new/package");
  EXPECT_EQ(report.name, "my_digits__1_");
  EXPECT_THAT(report.notes, ElementsAre());
  EXPECT_THAT(report.files,
              ElementsAre("README.md", "client.py", "models/my_digits__1_/1/model.onnx",
                          "models/my_digits__1_/config.pbtxt", "models/my_digits__1_/labels.txt",
                          "serve.sh"));
  for (const fs::path& file : report.files) EXPECT_TRUE(fs::is_regular_file(report.folder / file));
  EXPECT_EQ(Contents(report.folder / report.files[2]), Contents(model));
  EXPECT_EQ(::access((report.folder / "client.py").c_str(), X_OK), 0);
  EXPECT_EQ(::access((report.folder / "serve.sh").c_str(), X_OK), 0);
}

// A detector whose weights lie in `data`, and which finds nothing.
std::string ModelWithDataFile(const std::string& data) {
  contract::ModelCard info;
  info.type = "yolov5";
  info.backend = "onnxruntime";
  info.classes = {"a"};
  info.preprocess.height = info.preprocess.width = 32;
  info.strides = {{32, 32}};
  using test_support::tiny_onnx::kFloat;
  test_support::tiny_onnx::Model model;
  model.Input("images", kFloat, {1, 3, 32, 32}).ExternalConstant("w", kFloat, {1, 2}, data);
  for (const char* name : {"num_dets", "boxes", "scores", "labels"}) {
    model.Output(name, kFloat, {1, 2}).Node("Identity", {"w"}, name);
  }
  return model.Metadata("yoloport", contract::ToJson(info)).Serialised();
}

TEST_F(PackagesTest, FilesWithTheWeightsComeAlong) {
  fs::create_directories(folder_ / "sub");
  std::ofstream(folder_ / "sub/w.bin") << "01234567";
  std::ofstream(folder_ / "m.onnx") << ModelWithDataFile("sub/w.bin");
  for (const auto& [target, place] :
       {std::pair("triton", "models/m/1"), {"kserve", "models/m/1"}, {"ovms", "m/1"}}) {
    const fs::path folder = Packaged(folder_ / "m.onnx", target) / place;
    EXPECT_EQ(Contents(folder / "model.onnx"), Contents(folder_ / "m.onnx")) << target;
    EXPECT_EQ(Contents(folder / "sub/w.bin"), "01234567") << target;
  }
  fs::copy_file(folder_ / "sub/w.bin", folder_ / "model.onnx");
  std::ofstream(folder_ / "m.onnx") << ModelWithDataFile("model.onnx");
  ExpectError({folder_ / "m.onnx", "triton", folder_ / "new"},
              "'" + (folder_ / "m.onnx").native() +
                  "': keeps weights in a file called model.onnx, which the model itself is to be "
                  "called in the package\nhint: yoloport set writes it as one file");
}

// What the client knows: the document in its text.
json DescriptionIn(const std::string& client) {
  const std::size_t begin = client.find("json.loads(r'''") + 15;
  return json::parse(client.substr(begin, client.find("''')", begin) - begin));
}

constexpr const char* kCountsInput =
    "--min-box-size 7 counts pixels of the network's input here, not of the photo: ";

TEST_F(PackagesTest, TheClientGivesTheLeastSizeOfBoxesWhereTheServerTakesIt) {
  ExportOptions options = Demo();
  options.min_box_size = 7;
  options.batch = 2;
  for (const char* target : {"triton", "kserve"}) {
    const json description =
        DescriptionIn(Contents(Packaged(Write(options), target) / "client.py"));
    EXPECT_EQ(description["min_box"],
              json::parse(R"({"name": "min_box_size", "datatype": "FP32", "dims": [2, 2],
                              "size": 7.0})"));
  }
  EXPECT_THAT(NotesOf(Write(options), "triton"), ElementsAre());
  options.dynamic_batch = true;
  EXPECT_THAT(NotesOf(Write(options), "triton"),
              ElementsAre("Triton does not join requests for this model: it does so only where no "
                          "input is optional, and min_box_size is"));
}

// OpenVINO takes the input for a constant, TensorRT's files and other layouts have none.
TEST_F(PackagesTest, AServerThatDoesNotTakeTheLeastSizeOfBoxesIsNoted) {
  const std::string constant = std::string(kCountsInput) +
                               "OpenVINO takes the file's optional input min_box_size for a "
                               "constant. Triton with a file for the backend onnxruntime takes it "
                               "as an input";
  const std::string none =
      std::string(kCountsInput) + "the file has no input that says how a photo was scaled";
  const auto notes = [&](const char* backend, const char* target, const char* layout = "mmyolo") {
    ExportOptions options = Demo(backend);
    options.min_box_size = 7;
    options.layout = layout;
    const auto found = NotesOf(Write(options), target);
    EXPECT_THAT(Contents(folder_ / "package/README.md"),
                HasSubstr("`--min-box-size` 7 counts pixels of the network's input here, not"));
    return found;
  };
  EXPECT_THAT(notes("onnxruntime", "ovms"), ElementsAre(constant));
  EXPECT_THAT(notes("openvino", "ovms"), ElementsAre(constant));
  EXPECT_THAT(notes("openvino", "triton"), ElementsAre(constant));
  EXPECT_FALSE(DescriptionIn(Contents(folder_ / "package/client.py")).contains("min_box"));
  EXPECT_THAT(notes("onnxruntime", "triton", "ultralytics"), ElementsAre(none));
  EXPECT_THAT(notes("tensorrt8", "triton"), testing::Contains(none));
  EXPECT_THAT(notes("tensorrt8", "deepstream"), testing::Contains(none));
}

TEST_F(PackagesTest, TheClientsInputTurnsWithThePhoto) {
  const auto description = [&](const ExportOptions& options) {
    return DescriptionIn(Contents(Packaged(Write(options), "triton") / "client.py"));
  };
  ExportOptions options = Turning();
  const json turning = description(options);
  EXPECT_EQ(turning["turns_by"], 32);  // the largest stride
  EXPECT_EQ(turning["recipe"]["long_edge"], 96);
  EXPECT_EQ(turning["recipe"]["pad_to"], "input");
  options.input = "uint8";
  options.input_layout = "nhwc";
  EXPECT_EQ(description(options)["turns_by"], 32);
  options.dynamic_size = false;
  EXPECT_FALSE(description(options).contains("turns_by"));
  ExportOptions letterbox = Demo();
  letterbox.dynamic_size = true;
  EXPECT_FALSE(description(letterbox).contains("turns_by"));
}

TEST_F(PackagesTest, TheClientDrawsAsDetectDoes) {
  const json description = DescriptionIn(Contents(Packaged(Write(Demo()), "triton") / "client.py"));
  EXPECT_EQ(description["classes"],
            json({"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}));
  EXPECT_EQ(description["palette"].size(), 10U);
  EXPECT_EQ(description["palette"][1], json({60, 180, 75}));
}

// `text` with each `from` in it replaced.
std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

TEST_F(PackagesTest, LabelsAreLinesWhateverTheyHold) {
  const fs::path model = Write(Demo());
  std::string bytes = Contents(model);
  // As long as they were, in JSON: the file holds their lengths.
  const std::pair<const char*, const char*> odd[] = {{"\"seven\"", R"("a\nb;")"},
                                                     {"\"three\"", R"("it'''")"},
                                                     {"\"eight\"", R"("\"q\"")"},
                                                     {"\"zero\"", R"("\t  ")"},
                                                     {"\"nine\"", R"("n\\:")"}};
  for (const auto& [from, to] : odd) bytes = Replaced(bytes, from, to);
  std::ofstream(model, std::ios::binary) << bytes;
  const fs::path package = Packaged(model, "triton");
  EXPECT_EQ(Contents(package / "models/digits/labels.txt"),
            "class_0\none\ntwo\nit'''\nfour\nfive\nsix\na b\n\"q\"\nn\\:\n");
  // The description is one text in ''', as Python reads it.
  const std::string client = Contents(package / "client.py");
  const std::size_t begin = client.find("json.loads(r'''") + 15;
  const std::string text = client.substr(begin, client.find("''')", begin) - begin);
  EXPECT_EQ(text.find('\''), std::string::npos);
  const json description = json::parse(text);
  EXPECT_EQ(description["classes"],
            (json{"\t  ", "one", "two", "it'''", "four", "five", "six", "a\nb;", "\"q\"", "n\\:"}));
  EXPECT_EQ(description["name"], "digits");
  EXPECT_EQ(description["layout"], "mmyolo");
  EXPECT_EQ(description["input"],
            json::parse(R"({"name": "images", "datatype": "FP32", "dims": [1, 3, 64, 96]})"));
  EXPECT_EQ(description["outputs"], json({"num_dets", "boxes", "scores", "labels"}));
  EXPECT_EQ(description["recipe"]["width"], 96);
}

// A checkpoint's class names and the user's URI are texts, whatever they look like.
TEST_F(PackagesTest, WhatIsFilledInIsNotATemplate) {
  const fs::path model = Write(Demo());
  std::string bytes = Contents(model);
  // As long as they were: the file holds their lengths.
  bytes = Replaced(Replaced(bytes, "\"seven\"", "\"{{x}}\""), "\"three\"", "\"{{#if\"");
  std::ofstream(model, std::ios::binary) << bytes;
  const fs::path package =
      Packaged(model, "kserve", {.storage_uri = "s3://{{name}}/{{#if tensorrt}}"});
  const json names = {"zero", "one", "two",   "{{#if", "four",
                      "five", "six", "{{x}}", "eight", "nine"};
  EXPECT_EQ(DescriptionIn(Contents(package / "client.py"))["classes"], names);
  EXPECT_EQ(Contents(package / "models/digits/labels.txt"),
            "zero\none\ntwo\n{{#if\nfour\nfive\nsix\n{{x}}\neight\nnine\n");
  EXPECT_THAT(Contents(package / "inferenceservice.yaml"),
              HasSubstr("storageUri: \"s3://{{name}}/{{#if tensorrt}}\"\n"));
  EXPECT_THAT(Contents(package / "README.md"),
              HasSubstr("points to (`s3://{{name}}/{{#if tensorrt}}`)"));
}

// Filling a template finds the names in it that nobody knows, those of skipped lines among them.
TEST_F(PackagesTest, EveryTemplateIsFilledIn) {
  std::set<std::string> filled = {"triton/output.pbtxt"};  // a part of config.pbtxt
  const auto package = [&](const char* backend, const std::string& target) {
    const fs::path folder = Packaged(Write(Demo(backend)), target);
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const fs::path& file = entry.path();
      if (!entry.is_regular_file() || file.extension() == ".onnx") continue;
      EXPECT_THAT(Contents(file), Not(HasSubstr("{{"))) << file;
      filled.insert(file.filename());
      filled.insert(target / file.filename());
    }
  };
  package("openvino", "ovms");
  for (const char* target : {"triton", "kserve", "deepstream"}) package("tensorrt8", target);
  for (const EmbeddedFile& file : kTemplates) {
    EXPECT_TRUE(filled.contains(std::string(file.name))) << file.name;
  }
}

TEST_F(PackagesTest, Ovms) {
  const fs::path package = Packaged(Write(Demo("openvino")), "ovms", {.name = "sevens"});
  EXPECT_EQ(json::parse(Contents(package / "config.json")),
            json::parse(R"({"model_config_list": [{"config": {
                "name": "sevens", "base_path": "/models/sevens", "target_device": "CPU",
                "plugin_config": {"PERFORMANCE_HINT": "LATENCY"}}}]})"));
  EXPECT_EQ(Contents(package / "sevens/1/model.onnx"), Contents(folder_ / "digits.onnx"));
  EXPECT_TRUE(fs::exists(package / "sevens/labels.txt"));
  EXPECT_THAT(Contents(package / "client.py"), HasSubstr(R"({"name":"sevens",)"));
}

TEST_F(PackagesTest, Kserve) {
  const fs::path model = Write(Demo(), "My_Digits 2.onnx");
  const fs::path package = Packaged(model, "kserve", {.storage_uri = "s3://bucket/a \"b\": c"});
  const std::string service = Contents(package / "inferenceservice.yaml");
  EXPECT_THAT(service, HasSubstr("\n  name: \"my-digits-2\"\n"));
  EXPECT_THAT(service, HasSubstr("        name: onnx\n"));
  EXPECT_THAT(service, HasSubstr("      protocolVersion: v2\n"));
  EXPECT_THAT(service, HasSubstr("      storageUri: \"s3://bucket/a \\\"b\\\": c\"\n"));
  EXPECT_THAT(service, Not(HasSubstr("nvidia.com/gpu")));
  EXPECT_THAT(Contents(package / "models/my-digits-2/config.pbtxt"),
              HasSubstr("name: \"my-digits-2\"\n"));
  const fs::path engine = Packaged(Write(Demo("tensorrt8")), "kserve");
  EXPECT_THAT(Contents(engine / "inferenceservice.yaml"), HasSubstr("        name: tensorrt\n"));
  EXPECT_THAT(Contents(engine / "inferenceservice.yaml"), HasSubstr("nvidia.com/gpu: \"1\"\n"));
}

TEST_F(PackagesTest, Deepstream) {
  ExportOptions options = Demo("tensorrt8");
  options.dynamic_batch = options.dynamic_size = true;
  const fs::path package = Packaged(Write(options), "deepstream", {.max_batch = 4});
  const std::string config = Contents(package / "config_infer.txt");
  for (const char* line :
       {"onnx-file=model.onnx\n", "model-engine-file=model.onnx_b4_gpu0_fp32.engine\n",
        "labelfile-path=labels.txt\n", "num-detected-classes=10\n", "\nbatch-size=4\n",
        "infer-dims=3;64;96\n", "network-mode=0\n", "model-color-format=0\n",
        "net-scale-factor=0.0039215686274509803\n", "maintain-aspect-ratio=1\n",
        "symmetric-padding=1\n", "cluster-mode=4\n",
        "parse-bbox-func-name=NvDsInferParseCustomEfficientNMS\n",
        "pre-cluster-threshold=0.25\n"}) {
    EXPECT_THAT(config, HasSubstr(line));
  }
  EXPECT_THAT(config, Not(HasSubstr("offsets")));
  EXPECT_FALSE(fs::exists(package / "client.py"));
}

TEST_F(PackagesTest, DeepstreamFillsTheInput) {
  EXPECT_THAT(NotesOf(Write(Turning("tensorrt8")), "deepstream"),
              testing::Contains("the config resizes images to at most 96 pixels along the longer "
                                "edge and 64 along the shorter one; DeepStream makes them as large "
                                "as the input of 96 x 64 (width x height) holds"));
}

// RTMDet divides each channel by a number of its own, which nvinfer cannot.
TEST_F(PackagesTest, DeepstreamNeedsOneScale) {
  ExportOptions options = Demo("tensorrt8");
  options.config = "testdata/parity/rtmdet_tiny/config.py";
  options.checkpoint = "testdata/parity/rtmdet_tiny/checkpoint.pth";
  const fs::path model = Write(options);
  ExpectError({model, "deepstream", folder_ / "package"},
              Quote(model.native()) +
                  ": divides each channel by a number of its own, and DeepStream's nvinfer has one "
                  "for all\nhint: export it with --backend tensorrt8 --layout efficientnms, which "
                  "normalises in the graph");
  options.layout = "efficientnms";
  const fs::path package = Packaged(Write(options), "deepstream");
  const std::string config = Contents(package / "config_infer.txt");
  EXPECT_THAT(config, HasSubstr("net-scale-factor=1\n"));
  EXPECT_THAT(config, HasSubstr("model-color-format=1\n"));
  EXPECT_THAT(config, HasSubstr("symmetric-padding=1\n"));
}

TEST_F(PackagesTest, RefusesFilesThatTheServerCannotTake) {
  const fs::path model = Write(Demo());
  ExpectError({model, "deepstream", folder_ / "package"},
              Quote(model.native()) +
                  ": is for the backend onnxruntime; DeepStream runs TensorRT\n"
                  "hint: export it with --backend tensorrt8 --layout efficientnms");
  const fs::path engine = Write(Demo("tensorrt8"), "trt.onnx");
  ExpectError({engine, "ovms", folder_ / "package"},
              Quote(engine.native()) +
                  ": is for the backend tensorrt8, whose NMS is a plugin that OpenVINO has not\n"
                  "hint: export it with --backend openvino");
  ExportOptions raw = Demo();
  raw.model_only = true;
  const fs::path heads = Write(raw, "raw.onnx");
  ExpectError({heads, "triton", folder_ / "package"},
              Quote(heads.native()) +
                  ": ends with the raw heads, which servers' clients cannot read\n"
                  "hint: export it without --model-only, for a backend that has NMS");
  ExpectError({"model.plan", "triton", folder_ / "package"},
              "'model.plan': is an engine, which fits one GPU and one TensorRT only\n"
              "hint: give the ONNX file that it was built of");
}

TEST_F(PackagesTest, RefusesOptionsThatMakeNoSense) {
  const fs::path model = Write(Demo());
  const fs::path out = folder_ / "package";
  ExpectError({model, "torchserve", out},
              "unknown --target 'torchserve'\nhint: known are: triton, ovms, kserve, deepstream");
  ExpectError(
      {model, "triton", out, "a/b"},
      "--name 'a/b' does not do for triton\nhint: a name is letters, digits, _, - and ., at "
      "most 100, and begins with a letter, a digit or _");
  ExpectError({model, "kserve", out, "Digits"},
              "--name 'Digits' does not do for kserve\nhint: a name in Kubernetes is lower-case "
              "letters, digits and -, at most 50, and begins with a letter");
  ExpectError({model, "triton", out, "", 0}, "--max-batch must be from 1 to 1024");
  ExpectError({model, "triton", out, "", 8, "s3://b"}, "--storage-uri is for --target kserve");
  ExpectError({model, "kserve", out, "", 8, "s3://b\n  x: y"},
              "--storage-uri 's3://b\\n  x: y' holds characters that a URI has not");
  ExpectError({model, "triton", ""}, "the package needs a folder\nhint: give one with --output");
}

TEST_F(PackagesTest, WhatIsThereStays) {
  const fs::path model = Write(Demo());
  const fs::path out = folder_ / "package";
  fs::create_directories(out);
  Package({model, "triton", out});  // an empty folder is taken
  const std::string before = Contents(out / "README.md");
  const std::string message = Quote(out.native()) +
                              ": is there already, and is no empty folder\n"
                              "hint: give another folder with --output, or remove this one";
  ExpectError({model, "ovms", out}, message);
  ExpectError({model, "ovms", out / ""}, message);
  EXPECT_EQ(Contents(out / "README.md"), before);
  std::ofstream(folder_ / "file") << "x";
  ExpectError({model, "ovms", folder_ / "file"},
              Quote((folder_ / "file").native()) +
                  ": is there already, and is no empty folder\n"
                  "hint: give another folder with --output, or remove this one");
}

TEST_F(PackagesTest, SameInputSamePackage) {
  const fs::path model = Write(Demo());
  const std::string first = Contents(Packaged(model, "triton") / "client.py");
  EXPECT_EQ(Contents(Packaged(model, "triton") / "client.py"), first);
}

}  // namespace
}  // namespace yoloport::serve
