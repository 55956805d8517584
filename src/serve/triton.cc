// Triton Inference Server: its model repository.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

#include "serve/safe_text.h"
#include "serve/targets.h"
#include "yoloport/error.h"

namespace yoloport::serve {
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

// The extents that Triton is told: without the batch where it batches.
std::string Dims(const std::vector<std::int64_t>& dims, bool batches) {
  return fmt::format("{}", fmt::join(std::span(dims).subspan(batches ? 1 : 0), ", "));
}

bool HoldsLabels(const ServedTensor& tensor) {
  return tensor.name == "labels" || tensor.name == "detection_classes";
}

std::string OutputsText(const ServedModel& model) {
  std::vector<std::string> outputs;
  for (const ServedTensor& output : model.outputs) {
    TemplateValues values;
    values.texts = {{"output", QuotedText(output.name)},
                    {"type", TritonType(output)},
                    {"dims", Dims(output.dims, Batches(model))}};
    // For clients that ask for a classification; others read the labels as numbers.
    values.conditions = {{"labels", HoldsLabels(output)}};
    outputs.push_back(FillTemplate("triton/output.pbtxt", values));
    outputs.back().pop_back();  // the line end
  }
  return fmt::format("{}", fmt::join(outputs, ",\n"));
}

void AddConfigValues(const ServedModel& model, const PackagePlan& plan, TemplateValues& values) {
  const bool batches = Batches(model);
  const bool openvino = model.info.backend == "openvino";
  values.texts.insert({
      {"triton_backend", TritonBackend(model)},
      {"max_batch", std::to_string(plan.max_batch)},
      {"input", QuotedText(model.input.name)},
      {"input_type", TritonType(model.input)},
      {"input_dims", Dims(model.input.dims, batches)},
      {"usual_dims", Dims(model.UsualInput(), batches)},
      {"outputs", OutputsText(model)},
      {"instance_kind", model.is_for_tensorrt() ? "KIND_GPU"
                        : openvino              ? "KIND_CPU"
                                                : "KIND_AUTO"},
  });
  values.conditions.insert({{"openvino", openvino}, {"joins_requests", batches}});
}

// The optional input; without it, texts that no file shows.
void AddMinBoxValues(const ServedModel& model, TemplateValues& values) {
  const bool takes = TritonTakesMinBox(model);
  values.texts["min_box"] = takes ? QuotedText(model.min_box->name) : "";
  values.texts["min_box_type"] = takes ? TritonType(*model.min_box) : "";
  values.texts["min_box_dims"] = takes ? Dims(model.min_box->dims, Batches(model)) : "";
  values.conditions["takes_min_box"] = takes;
  if (takes) values.conditions["min_box_note"] = false;
}

// A shape of the engine's profile; `side` is that of inputs that turn with the image, 0 the usual.
std::string ProfileShape(const ServedModel& model, std::int64_t batch, std::int64_t side = 0) {
  std::vector<std::int64_t> dims = model.UsualInput();
  if (model.input.dims.front() < 0) dims.front() = batch;
  const std::size_t rows = model.info.preprocess.layout == InputLayout::kNhwc ? 1 : 2;
  if (side > 0) dims[rows] = dims[rows + 1] = side;
  return fmt::format("{}:{}", model.input.name, fmt::join(dims, "x"));
}

// The longest side of an input that turns with the image.
std::int64_t LongSide(const ServedModel& model) {
  const Preprocess& preprocess = model.info.preprocess;
  const int side = std::max({preprocess.long_edge, preprocess.width, preprocess.height});
  return (side + model.stride() - 1) / model.stride() * model.stride();
}

// The profile of an engine for a file with open extents.
void AddProfileValues(const ServedModel& model, const PackagePlan& plan, TemplateValues& values) {
  const auto open = std::count_if(model.input.dims.begin(), model.input.dims.end(),
                                  [](std::int64_t extent) { return extent < 0; });
  const bool turns = model.turns();
  values.texts.insert({
      {"smallest_shape", ProfileShape(model, 1, turns ? model.stride() : 0)},
      {"usual_shape", ProfileShape(model, plan.max_batch)},
      {"largest_shape", ProfileShape(model, plan.max_batch, turns ? LongSide(model) : 0)},
  });
  values.conditions.insert({
      {"needs_profile", open > 0},
      {"only_batch_is_open", open == 1 && model.takes_any_batch()},
      {"turns", turns},
  });
}

TemplateValues TritonValues(const ServedModel& model, const PackagePlan& plan) {
  TemplateValues values = ModelValues(model, plan);
  AddConfigValues(model, plan, values);
  AddMinBoxValues(model, values);
  AddProfileValues(model, plan, values);
  return values;
}

}  // namespace

bool TritonTakesMinBox(const ServedModel& model) {
  return model.min_box && model.info.backend == "onnxruntime";
}

void AddTritonRepository(const ServedModel& model, const PackagePlan& plan, PackageFolder& folder,
                         Notes& notes) {
  const std::filesystem::path repository = std::filesystem::path("models") / plan.name;
  const TemplateValues values = TritonValues(model, plan);
  folder.Write(repository / "config.pbtxt", FillTemplate("triton/config.pbtxt", values));
  folder.Write(repository / "labels.txt", LabelLines(model.info.classes));
  if (!TritonTakesMinBox(model)) {
    NoteMinBox(model, notes);
  } else if (model.takes_any_batch()) {
    notes.emplace_back(
        "Triton does not join requests for this model: it does so only where no input is optional, "
        "and min_box_size is");
  }
  if (!model.is_for_tensorrt()) {
    AddModel(model, repository / "1", folder);
    return;
  }
  folder.Make(repository / "1");
  AddModel(model, "engine", folder);
  folder.WriteProgram("build_engine.sh", FillTemplate("triton/build_engine.sh", values));
  notes.emplace_back("the engine is still to be made: run build_engine.sh on the server's machine");
}

void AddTriton(const ServedModel& model, const PackagePlan& plan, PackageFolder& folder,
               Notes& notes) {
  AddTritonRepository(model, plan, folder, notes);
  AddClient(model, plan, TritonTakesMinBox(model), folder);
  const TemplateValues values = TritonValues(model, plan);
  folder.WriteProgram("serve.sh", FillTemplate("triton/serve.sh", values));
  folder.Write("README.md", FillTemplate("triton/README.md", values));
}

}  // namespace yoloport::serve
