// config.pbtxt, held to the rules of docs/serving.md. scripts/check_package.py parses the files
// with Triton's own protobuf.
#include <gmock/gmock.h>

#include "serve/test_models.h"

namespace yoloport::serve {
namespace {

namespace fs = std::filesystem;
using test_support::Contents;
using testing::HasSubstr;
using testing::Not;

class TritonTest : public PackageTest {
 protected:
  std::string Config(const ExportOptions& options) const {
    return Contents(Packaged(Write(options), "triton") / "models/digits/config.pbtxt");
  }
};

TEST_F(TritonTest, AWholeFile) {
  ExportOptions options = Demo();
  options.dynamic_batch = true;
  const std::string config = Config(options);
  // Behind the heading, which names yoloport's version.
  EXPECT_EQ(config.substr(config.find("name:")), R"(name: "digits"
backend: "onnxruntime"

# The file takes any number of images a run: requests are joined, up to so many.
max_batch_size: 8
# A request waits this long for others.
dynamic_batching {
  max_queue_delay_microseconds: 100
}

# The image as client.py prepares it; 64 x 96 pixels is the usual size.
input [
  {
    name: "images"
    data_type: TYPE_FP32
    dims: [ 3, 64, 96 ]
  }
]
# Detections, best first, in pixels of the input.
output [
  {
    name: "num_dets"
    data_type: TYPE_INT64
    dims: [ 1 ]
  },
  {
    name: "boxes"
    data_type: TYPE_FP32
    dims: [ 50, 4 ]
  },
  {
    name: "scores"
    data_type: TYPE_FP32
    dims: [ 50 ]
  },
  {
    name: "labels"
    data_type: TYPE_INT32
    dims: [ 50 ]
    label_filename: "labels.txt"
  }
]

# Copies of the model that run at once, on each GPU or on the processor.
instance_group [
  {
    count: 1
    kind: KIND_AUTO
  }
]

# One blank run before the model is said to be ready: the first one is slow.
model_warmup [
  {
    name: "blank image"
    batch_size: 1
    inputs {
      key: "images"
      value {
        data_type: TYPE_FP32
        dims: [ 3, 64, 96 ]
        zero_data: true
      }
    }
  }
]

# The folder 1 is the version; of several the latest is served.
version_policy: { latest { num_versions: 1 } }
)");
}

TEST_F(TritonTest, AFixedBatchIsNotJoined) {
  for (const char* backend : {"onnxruntime", "openvino", "tensorrt8"}) {
    ExportOptions options = Demo(backend);
    options.batch = 2;
    const std::string config = Config(options);
    EXPECT_THAT(config, HasSubstr("max_batch_size: 0\n")) << backend;
    EXPECT_THAT(config, Not(HasSubstr("dynamic_batching"))) << backend;
    EXPECT_THAT(config, HasSubstr("dims: [ 2, 3, 64, 96 ]\n  }")) << backend;
    EXPECT_THAT(config, HasSubstr("dims: [ 2, 1 ]")) << backend;
    EXPECT_THAT(config, HasSubstr("dims: [ 2, 50, 4 ]")) << backend;
    EXPECT_THAT(config, HasSubstr("dims: [ 2, 3, 64, 96 ]\n        zero_data")) << backend;
  }
}

// Only sizes are open: the batch is still the file's own.
TEST_F(TritonTest, OpenSizes) {
  for (const char* backend : {"onnxruntime", "openvino", "tensorrt8"}) {
    ExportOptions options = Demo(backend);
    options.dynamic_size = true;
    const std::string config = Config(options);
    EXPECT_THAT(config, HasSubstr("max_batch_size: 0\n")) << backend;
    EXPECT_THAT(config, HasSubstr("dims: [ 1, 3, -1, -1 ]\n  }")) << backend;
    EXPECT_THAT(config, HasSubstr("dims: [ 1, 3, 64, 96 ]\n        zero_data")) << backend;
  }
}

TEST_F(TritonTest, OpenBatchByBackend) {
  const auto config = [&](const char* backend) {
    ExportOptions options = Demo(backend);
    options.dynamic_batch = options.dynamic_size = true;
    return Config(options);
  };
  const std::string onnxruntime = config("onnxruntime");
  EXPECT_THAT(onnxruntime, HasSubstr("max_batch_size: 8\n"));
  EXPECT_THAT(onnxruntime, HasSubstr("dims: [ 3, -1, -1 ]\n  }"));
  // The OpenVINO backend would fix the batch.
  const std::string openvino = config("openvino");
  EXPECT_THAT(openvino, HasSubstr("backend: \"openvino\"\n"));
  EXPECT_THAT(openvino, HasSubstr("default_model_filename: \"model.onnx\"\n"));
  EXPECT_THAT(openvino, HasSubstr("max_batch_size: 0\n"));
  EXPECT_THAT(openvino, HasSubstr("dims: [ -1, 3, -1, -1 ]\n  }"));
  EXPECT_THAT(openvino, HasSubstr("dims: [ 1, 3, 64, 96 ]\n        zero_data"));
  EXPECT_THAT(openvino, HasSubstr("kind: KIND_CPU"));
  const std::string tensorrt = config("tensorrt8");
  EXPECT_THAT(tensorrt, HasSubstr("backend: \"tensorrt\"\n"));
  EXPECT_THAT(tensorrt, HasSubstr("max_batch_size: 8\n"));
  EXPECT_THAT(tensorrt, HasSubstr("kind: KIND_GPU"));
  EXPECT_THAT(tensorrt, HasSubstr("name: \"num_dets\"\n    data_type: TYPE_INT32"));
}

// The engine's profile allows what config.pbtxt promises.
TEST_F(TritonTest, TheEngineIsBuiltForTheBatch) {
  ExportOptions options = Demo("tensorrt8");
  options.dynamic_batch = true;
  const fs::path package = Packaged(Write(options), "triton", {.max_batch = 5});
  EXPECT_THAT(Contents(package / "models/digits/config.pbtxt"), HasSubstr("max_batch_size: 5\n"));
  const std::string program = Contents(package / "build_engine.sh");
  EXPECT_THAT(program, HasSubstr("trtexec --onnx=engine/model.onnx "
                                 "--saveEngine=models/digits/1/model.plan \\\n"
                                 "  --minShapes=images:1x3x64x96 \\\n"
                                 "  --optShapes=images:5x3x64x96 \\\n"
                                 "  --maxShapes=images:5x3x64x96 \"$@\"\n"));
  EXPECT_TRUE(fs::is_directory(package / "models/digits/1"));
  EXPECT_TRUE(fs::is_empty(package / "models/digits/1"));
  EXPECT_EQ(Contents(package / "engine/model.onnx"), Contents(folder_ / "digits.onnx"));
  options.dynamic_batch = false;
  EXPECT_THAT(Contents(Packaged(Write(options), "triton") / "build_engine.sh"),
              HasSubstr("models/digits/1/model.plan \"$@\"\n"));
}

// An input that turns with the image needs a profile that holds it either way.
TEST_F(TritonTest, TheEngineIsBuiltForInputsThatTurn) {
  const std::string program =
      Contents(Packaged(Write(Turning("tensorrt8")), "triton") / "build_engine.sh");
  EXPECT_THAT(program, HasSubstr("--minShapes=images:1x3x32x32 \\\n"
                                 "  --optShapes=images:1x3x64x96 \\\n"
                                 "  --maxShapes=images:1x3x96x96 \"$@\"\n"));
}

// Optional inputs are for models whose requests are not joined.
TEST_F(TritonTest, TheLeastSizeOfBoxesIsAnOptionalInput) {
  ExportOptions options = Demo();
  options.min_box_size = 7;
  options.dynamic_batch = true;
  const std::string config = Config(options);
  EXPECT_THAT(config, HasSubstr("max_batch_size: 0\n"));
  EXPECT_THAT(config, Not(HasSubstr("dynamic_batching")));
  EXPECT_THAT(config, HasSubstr("    dims: [ -1, 3, 64, 96 ]\n  },\n  {\n"
                                "    name: \"min_box_size\"\n    data_type: TYPE_FP32\n"
                                "    dims: [ 1024, 2 ]\n    optional: true\n  }\n]\n"));
  options.backend = "openvino";  // which takes it for a constant
  EXPECT_THAT(Config(options), Not(HasSubstr("min_box_size")));
}

TEST_F(TritonTest, OtherLayoutsAndInputs) {
  ExportOptions options = Demo();
  options.layout = "ultralytics";
  const std::string ultralytics = Config(options);
  EXPECT_THAT(ultralytics, HasSubstr("name: \"output0\"\n    data_type: TYPE_FP32\n"
                                     "    dims: [ 1, 50, 6 ]\n  }\n]"));
  EXPECT_THAT(ultralytics, Not(HasSubstr("label_filename")));
  options = Demo("tensorrt8");
  options.layout = "efficientnms";
  EXPECT_THAT(Config(options),
              HasSubstr("name: \"detection_classes\"\n    data_type: TYPE_INT32\n"
                        "    dims: [ 1, 50 ]\n    label_filename: \"labels.txt\"\n"));
  options = Demo();
  options.input = "uint8";
  options.input_layout = "nhwc";
  options.dynamic_batch = true;
  options.runtime_thresholds = true;  // inputs with defaults, which are left to them
  const std::string bytes = Config(options);
  EXPECT_THAT(bytes, HasSubstr("input [\n  {\n    name: \"images\"\n    data_type: TYPE_UINT8\n"
                               "    dims: [ 64, 96, 3 ]\n  }\n]\n"));
}

}  // namespace
}  // namespace yoloport::serve
