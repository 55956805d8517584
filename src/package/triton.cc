// Triton Inference Server: its model repository.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

#include "package/safe_text.h"
#include "package/targets.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

const char* TritonBackend(const ServedModel& model) {
  if (model.is_for_tensorrt()) return "tensorrt";
  return model.info.backend == "openvino" ? "openvino" : "onnxruntime";
}

std::string TritonType(const ServedTensor& tensor) {
  static constexpr std::pair<const char*, const char*> kTypes[] = {
      {"float32", "TYPE_FP32"}, {"float16", "TYPE_FP16"}, {"uint8", "TYPE_UINT8"},
      {"int32", "TYPE_INT32"},  {"int64", "TYPE_INT64"},
  };
  for (const auto& [name, type] : kTypes) {
    if (tensor.type == name) return type;
  }
  throw ModelError("'" + tensor.name + "' is of type " + tensor.type + ", which no server takes",
                   "export the model again");
}

// Whether Triton may join requests into a batch. Its OpenVINO backend fixes the batch then, and
// refuses any other; optional inputs it takes only where it joins nothing.
bool Batches(const ServedModel& model) {
  return model.takes_any_batch() && model.info.backend != "openvino" && !TritonTakesMinBox(model);
}

std::string Dims(std::span<const std::int64_t> dims) {
  return fmt::format("[ {} ]", fmt::join(dims, ", "));
}

// The extents that Triton is told: without the batch where it batches.
std::span<const std::int64_t> Told(const std::vector<std::int64_t>& dims, bool batches) {
  return std::span(dims).subspan(batches ? 1 : 0);
}

bool HoldsLabels(const ServedTensor& tensor) {
  return tensor.name == "labels" || tensor.name == "detection_classes";
}

std::string TensorText(const ServedTensor& tensor, bool batches, bool is_optional = false) {
  std::string text =
      fmt::format("  {{\n    name: {}\n    data_type: {}\n    dims: {}\n", QuotedText(tensor.name),
                  TritonType(tensor), Dims(Told(tensor.dims, batches)));
  // For clients that ask for a classification; others read the labels as numbers.
  if (HoldsLabels(tensor)) text += "    label_filename: \"labels.txt\"\n";
  if (is_optional) text += "    optional: true\n";
  return text + "  }";
}

std::string BatchingText(const ServedModel& model, const PackagePlan& plan) {
  if (Batches(model)) {
    const bool engine = model.is_for_tensorrt();
    return fmt::format(
        "# The file takes any number of images a run: requests are joined, up to so many.{}\n"
        "max_batch_size: {}\n"
        "# A request waits this long for others.\n"
        "dynamic_batching {{\n  max_queue_delay_microseconds: 100\n}}\n",
        engine ? " Not more than\n# the engine's profile allows: see build_engine.sh." : "",
        plan.max_batch);
  }
  const char* why = "The file takes one number of images a run: requests are not joined.";
  if (model.takes_any_batch()) {
    why = TritonTakesMinBox(model)
              ? "Triton does not join requests that may have an optional input, min_box_size;\n"
                "# one request may bring any number of images."
              : "Triton's OpenVINO backend would fix the batch, so it does not join "
                "requests;\n# one request may bring any number of images.";
  }
  return fmt::format("# {}\nmax_batch_size: 0\n", why);
}

// The first request is slow, and should be nobody's.
std::string WarmupText(const ServedModel& model, bool batches) {
  const std::vector<std::int64_t> usual = model.UsualInput();
  return fmt::format(
      "# One blank run before the model is said to be ready: the first one is slow.\n"
      "model_warmup [\n  {{\n    name: \"blank image\"\n    batch_size: 1\n    inputs {{\n"
      "      key: {}\n      value {{\n        data_type: {}\n        dims: {}\n"
      "        zero_data: true\n      }}\n    }}\n  }}\n]\n",
      QuotedText(model.input.name), TritonType(model.input), Dims(Told(usual, batches)));
}

// A shape of the engine's profile; `side` is that of inputs that turn with the image, 0 the usual.
std::string ProfileShape(const ServedModel& model, std::int64_t batch, std::int64_t side = 0) {
  std::vector<std::int64_t> dims = model.UsualInput();
  if (model.input.dims.front() < 0) dims.front() = batch;
  const std::size_t rows = model.info.recipe.layout == InputLayout::kNhwc ? 1 : 2;
  if (side > 0) dims[rows] = dims[rows + 1] = side;
  return fmt::format("{}:{}", model.input.name, fmt::join(dims, "x"));
}

// The longest side of an input that turns with the image.
std::int64_t LongSide(const ServedModel& model) {
  const ImageRecipe& recipe = model.info.recipe;
  const int side = std::max({recipe.long_edge, recipe.width, recipe.height});
  return (side + model.stride() - 1) / model.stride() * model.stride();
}

std::string BuildEngine(const ServedModel& model, const PackagePlan& plan) {
  std::string text =
      "#!/bin/sh\n" + Heading(model, "triton", "#") +
      "#\n# Makes the engine that Triton loads. An engine fits the TensorRT and the "
      "GPU that it was made with:\n"
      "# run this in the TensorRT container of the server's release. --fp16 is quicker,\n"
      "# with boxes to half a pixel or so.\n"
      "set -eu\ncd \"$(dirname \"$0\")\"\n";
  std::string profile;
  const auto& dims = model.input.dims;
  if (std::any_of(dims.begin(), dims.end(), [](std::int64_t extent) { return extent < 0; })) {
    const bool is_usual = model.takes_any_batch() && std::count(dims.begin(), dims.end(), -1) == 1;
    text += fmt::format("# The largest shape's batch is max_batch_size of config.pbtxt.{}\n",
                        is_usual        ? ""
                        : model.turns() ? " The smallest and the largest hold an image\n# that is "
                                          "turned any way."
                                        : " Other sizes of image need other shapes here.");
    profile = fmt::format(" \\\n  --minShapes={} \\\n  --optShapes={} \\\n  --maxShapes={}",
                          ProfileShape(model, 1, model.turns() ? model.stride() : 0),
                          ProfileShape(model, plan.max_batch),
                          ProfileShape(model, plan.max_batch, model.turns() ? LongSide(model) : 0));
  }
  return text + fmt::format(
                    "trtexec --onnx=engine/model.onnx --saveEngine=models/{}/1/model.plan"
                    "{} \"$@\"\n",
                    plan.name, profile);
}

}  // namespace

bool TritonTakesMinBox(const ServedModel& model) {
  return model.min_box && model.info.backend == "onnxruntime";
}

std::string TritonConfig(const ServedModel& model, const PackagePlan& plan) {
  const bool batches = Batches(model);
  std::string text = Heading(model, "triton", "#");
  text += fmt::format("name: {}\nbackend: \"{}\"\n", QuotedText(plan.name), TritonBackend(model));
  if (model.info.backend == "openvino") {
    text +=
        "# Else the backend looks for OpenVINO's own format, model.xml.\n"
        "default_model_filename: \"model.onnx\"\n";
  }
  text += fmt::format("\n{}\n", BatchingText(model, plan));
  const auto& recipe = model.info.recipe;
  text += fmt::format("# The image as client.py prepares it; {} x {} pixels is the usual size.\n",
                      recipe.height, recipe.width);
  text += "input [\n" + TensorText(model.input, batches);
  if (TritonTakesMinBox(model)) text += ",\n" + TensorText(*model.min_box, batches, true);
  text += "\n]\n";
  text += "# Detections, best first, in pixels of the input.\noutput [\n";
  for (std::size_t i = 0; i < model.outputs.size(); ++i) {
    text += TensorText(model.outputs[i], batches) + (i + 1 < model.outputs.size() ? ",\n" : "\n");
  }
  text += "]\n\n# Copies of the model that run at once, on each GPU or on the processor.\n";
  text += fmt::format("instance_group [\n  {{\n    count: 1\n    kind: {}\n  }}\n]\n\n",
                      model.is_for_tensorrt()            ? "KIND_GPU"
                      : model.info.backend == "openvino" ? "KIND_CPU"
                                                         : "KIND_AUTO");
  text += WarmupText(model, batches);
  text +=
      "\n# The folder 1 is the version; of several the latest is served.\n"
      "version_policy: { latest { num_versions: 1 } }\n";
  return text;
}

void AddTritonRepository(const ServedModel& model, const PackagePlan& plan, PackageFolder& folder,
                         Notes& notes) {
  const std::filesystem::path repository = std::filesystem::path("models") / plan.name;
  folder.Write(repository / "config.pbtxt", TritonConfig(model, plan));
  folder.Write(repository / "labels.txt", LabelLines(model.info.classes));
  if (!TritonTakesMinBox(model)) {
    NoteMinBox(model, notes);
  } else if (model.takes_any_batch()) {
    notes.emplace_back(
        "Triton does not join requests for this model: it does so only where no input is optional, "
        "and min_box_size is");
  }
  if (!model.is_for_tensorrt()) {
    folder.Copy(repository / "1" / "model.onnx", model.file);
    return;
  }
  folder.Make(repository / "1");
  folder.Copy(std::filesystem::path("engine") / "model.onnx", model.file);
  folder.WriteProgram("build_engine.sh", BuildEngine(model, plan));
  notes.emplace_back("the engine is still to be made: run build_engine.sh on the server's machine");
}

void AddTriton(const ServedModel& model, const PackagePlan& plan, PackageFolder& folder,
               Notes& notes) {
  AddTritonRepository(model, plan, folder, notes);
  AddClient(model, plan, TritonTakesMinBox(model), folder);
  const bool engine = model.is_for_tensorrt();
  folder.WriteProgram(
      "serve.sh",
      "#!/bin/sh\n" + Heading(model, "triton", "#") +
          "#\n# Starts Triton on the folder models; TAG is a release of its container, such as "
          "24.08-py3.\n"
          "set -eu\ncd \"$(dirname \"$0\")\"\n" +
          fmt::format("exec docker run --rm {}-p 8000:8000 -p 8001:8001 -p 8002:8002 "
                      "-v \"$PWD/models:/models:ro\" \\\n"
                      "  \"nvcr.io/nvidia/tritonserver:${{TAG:?give TAG=a release, such as "
                      "24.08-py3}}\" tritonserver --model-repository=/models\n",
                      engine ? "--gpus all " : "${GPUS:+--gpus \"$GPUS\"} "));
  folder.Write("README.md",
               "# " + plan.name + " on Triton Inference Server\n\n" +
                   (engine ? "`./build_engine.sh` makes `models/" + plan.name +
                                 "/1/model.plan` of `engine/model.onnx`, where Triton's release of "
                                 "TensorRT is. Then:\n\n"
                           : std::string("`models` is a model repository:\n\n")) +
                   "    TAG=24.08-py3 ./serve.sh\n\n" + "`models/" + plan.name +
                   "/config.pbtxt` says what the server is told, and why.\n\n" +
                   (TritonTakesMinBox(model) ? "" : MinBoxText(model)) +
                   ClientText(plan, "http://localhost:8000"));
}

}  // namespace yoloport
