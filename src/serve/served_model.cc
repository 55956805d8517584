#include "serve/served_model.h"

#include <algorithm>

#include "base/text.h"
#include "contract/input_names.h"
#include "onnx/outline/structure.h"
#include "onnx/outline/summary.h"
#include "yoloport/error.h"
#include "yoloport/text.h"

namespace yoloport::serve {
namespace {

using base::Quote;
using onnx::outline::OnnxValue;

ServedTensor ToTensor(const OnnxValue& value) {
  ServedTensor tensor{value.name, value.type, {}};
  for (const std::string& extent : value.extents) {
    const std::int64_t number = ParseNumber<std::int64_t>(extent).value_or(-1);
    tensor.dims.push_back(number > 0 ? number : -1);
  }
  return tensor;
}

// The names that outputs have in a layout are what clients ask for.
void CheckOutputs(const ServedModel& model) {
  const auto expected = contract::OutputNames(model.info.layout);
  const std::vector<std::string> names(expected.begin(), expected.end());
  const bool fits = std::equal(model.outputs.begin(), model.outputs.end(), names.begin(),
                               names.end(), [](const ServedTensor& output, const auto& name) {
                                 return output.name == name && output.dims.size() >= 2;
                               });
  if (fits) return;
  std::vector<std::string> found;
  for (const ServedTensor& output : model.outputs) found.push_back(Quote(output.name));
  throw ModelError(Quote(model.file.native()) + ": its outputs are " + base::JoinText(found) +
                       ", not " + base::JoinText(names) + " as its metadata say",
                   "export it again");
}

}  // namespace

bool ServedModel::takes_any_batch() const {
  return input.dims.front() < 0 &&
         std::all_of(outputs.begin(), outputs.end(),
                     [](const ServedTensor& output) { return output.dims.front() < 0; });
}

bool ServedModel::turns() const {
  const std::size_t rows = info.preprocess.layout == InputLayout::kNhwc ? 1 : 2;
  return info.preprocess.turns() && input.dims[rows] < 0 && input.dims[rows + 1] < 0;
}

int ServedModel::stride() const {
  int largest = 1;
  for (const auto& [x, y] : info.strides) largest = std::max({largest, x, y});
  return largest;
}

std::vector<std::int64_t> ServedModel::UsualInput() const {
  const bool nhwc = info.preprocess.layout == InputLayout::kNhwc;
  const std::int64_t height = info.preprocess.height;
  const std::int64_t width = info.preprocess.width;
  const std::vector<std::int64_t> usual = nhwc ? std::vector<std::int64_t>{1, height, width, 3}
                                               : std::vector<std::int64_t>{1, 3, height, width};
  std::vector<std::int64_t> dims = input.dims;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] < 0) dims[i] = usual[i];
  }
  return dims;
}

bool ServedModel::is_for_tensorrt() const {
  return info.backend == "tensorrt8" || info.backend == "tensorrt7";
}

ServedModel ReadServedModel(const std::filesystem::path& file) {
  const std::string name = Quote(file.native());
  if (file.extension() == ".engine" || file.extension() == ".plan") {
    throw UsageError(name + ": is an engine, which fits one GPU and one TensorRT only",
                     "give the ONNX file that it was built of");
  }
  const onnx::outline::OnnxSummary summary = onnx::outline::ReadOnnxSummary(file);
  const auto document = summary.metadata.find("yoloport");
  if (document == summary.metadata.end()) {
    throw ModelError(name + ": was not written by yoloport",
                     "how it wants its images is not known; export it with yoloport");
  }
  ServedModel model;
  model.file = file;
  model.data_files = onnx::outline::CheckOnnxStructure(file);
  model.info = contract::ModelCardFromJson(document->second, name);
  if (!model.info.end_to_end) {
    throw ModelError(name + ": ends with the raw heads, which servers' clients cannot read",
                     "export it without --model-only, for a backend that has NMS");
  }
  if (model.info.preprocess.channels != 3) {
    throw ModelError(name + ": takes gray images, which servers' clients do not prepare");
  }
  std::vector<ServedTensor> inputs;
  for (const OnnxValue& input : summary.inputs) {
    if (!input.optional) inputs.push_back(ToTensor(input));
    if (input.optional && input.name == contract::kMinBoxInput) model.min_box = ToTensor(input);
  }
  if (inputs.size() != 1 || inputs[0].name != "images" || inputs[0].dims.size() != 4) {
    throw ModelError(name + ": has not the one input 'images' of rank 4", "export it again");
  }
  if (model.min_box && (model.min_box->dims.size() != 2 || model.min_box->dims[0] < 1)) {
    throw ModelError(
        name + ": its input " + Quote(contract::kMinBoxInput) + " is not a number of rows x 2",
        "export it again");
  }
  model.input = inputs[0];
  for (const OnnxValue& output : summary.outputs) model.outputs.push_back(ToTensor(output));
  CheckOutputs(model);
  return model;
}

}  // namespace yoloport::serve
