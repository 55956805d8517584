// A detector for tests, in a file of a few hundred bytes.
#pragma once

#include "contract/model_card.h"
#include "testing/files/tiny_onnx.h"

namespace yoloport::test_support {

// Three rows an image, the last one padding: label 1 with the mean of all pixels as its score,
// label 0 with a quarter of it. The input is side x side, -1 for any; boxes are in its pixels.
inline tiny_onnx::Model TinyDetector(std::int64_t batch, int label_type = tiny_onnx::kInt64,
                                     std::int64_t side = 32) {
  const std::int64_t rows = 3;
  tiny_onnx::Model model;
  model.Input("images", tiny_onnx::kFloat, {batch, 3, side, side})
      .Output("num_dets", tiny_onnx::kInt64, {batch, 1})
      .Output("boxes", tiny_onnx::kFloat, {batch, rows, 4})
      .Output("scores", tiny_onnx::kFloat, {batch, rows})
      .Output("labels", label_type, {batch, rows})
      .Constant<float>("share", tiny_onnx::kFloat, {1, rows}, {0.25F, 1, 0})
      .Constant<float>("box", tiny_onnx::kFloat, {1, rows, 4},
                       {0, 8, 16, 24, 8, 8, 24, 16, 0, 0, 0, 0})
      .Constant<float>("label", tiny_onnx::kFloat, {1, rows}, {0, 1, -1})
      .Constant<float>("two", tiny_onnx::kFloat, {1, 1}, {2})
      .Constant<float>("zero", tiny_onnx::kFloat, {1, 1}, {0})
      .Node("ReduceMean", {"images"}, "mean",
            tiny_onnx::Model::Ints("axes", {1, 2, 3}) + tiny_onnx::Model::Int("keepdims", 0))
      .Node("Unsqueeze", {"mean"}, "column", tiny_onnx::Model::Ints("axes", {1}))
      .Node("Mul", {"column", "share"}, "scores")
      .Node("Mul", {"column", "zero"}, "nothing")
      .Node("Unsqueeze", {"nothing"}, "nothing3", tiny_onnx::Model::Ints("axes", {2}))
      .Node("Add", {"nothing3", "box"}, "boxes")
      .Node("Add", {"nothing", "label"}, "float_labels")
      .Node("Cast", {"float_labels"}, "labels", tiny_onnx::Model::Int("to", label_type))
      .Node("Add", {"nothing", "two"}, "float_count")
      .Node("Cast", {"float_count"}, "num_dets", tiny_onnx::Model::Int("to", tiny_onnx::kInt64));
  return model;
}

inline contract::ModelCard TinyInfo() {
  contract::ModelCard info;
  info.type = "yolov5";
  info.classes = {"dark", "bright"};
  info.palette = {{10, 20, 30}, {40, 50, 60}};
  info.strides = {{8, 8}};
  info.preprocess.width = info.preprocess.height = 32;
  info.preprocess.pad_value = {0, 0, 0};
  return info;
}

}  // namespace yoloport::test_support
