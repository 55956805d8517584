// yoloport._detector: what runs a model. yoloport/detecting.py is the interface for users.
#include "yoloport/detector.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <chrono>

#include "arrays.h"
#include "errors.h"
#include "image_files.h"
#include "image_stream.h"
#include "yoloport/error.h"
#include "yoloport/image.h"
#include "yoloport/mapped_files.h"

namespace nb = nanobind;
using nb::literals::operator""_a;

namespace yoloport::python {
namespace {

using ArrayTuple = std::tuple<Boxes, Scores, Labels>;

ArrayTuple ToArrays(const std::vector<Detection>& detections) {
  DetectionArrays arrays(detections);
  return {std::move(arrays.boxes), std::move(arrays.scores), std::move(arrays.labels)};
}

ArrayTuple DetectOne(const Detector& detector, AnyArray array, const Thresholds& thresholds) {
  const ArrayImage image(std::move(array));
  std::vector<std::vector<Detection>> found;
  {
    const nb::gil_scoped_release no_gil;
    found = detector.Detect({&image.view(), 1}, thresholds);
  }
  return ToArrays(found.front());
}

std::vector<std::array<int, 3>> Palette(const Detector& detector) {
  std::vector<std::array<int, 3>> colors;
  for (const Rgb& color : detector.palette()) colors.push_back({color.r, color.g, color.b});
  return colors;
}

Pixels Draw(
    AnyArray array,
    const nb::ndarray<const float, nb::shape<-1, 4>, nb::c_contig, nb::device::cpu>& boxes,
    const nb::ndarray<const float, nb::ndim<1>, nb::c_contig, nb::device::cpu>& scores,
    const nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>& labels,
    const std::vector<std::string>& classes,
    const std::vector<std::array<std::uint8_t, 3>>& palette) {
  const ArrayImage source(std::move(array));
  const std::vector<Detection> detections = ToDetections(boxes, scores, labels);
  std::vector<Rgb> colors;
  for (const auto& [red, green, blue] : palette) colors.push_back({red, green, blue});
  Image image;
  {
    const nb::gil_scoped_release no_gil;
    image = CopyToImage(source.view());
    DrawDetections(image, detections, classes, colors);
  }
  return ToArray(std::move(image));
}

void BindDescription(nb::module_& module) {
  using D = ModelDescription;
  nb::class_<D>(module, "ModelDescription")
      .def(nb::init<>())
      .def_rw("type", &D::type)
      .def_rw("height", &D::height)
      .def_rw("width", &D::width)
      .def_rw("num_classes", &D::num_classes)
      .def_rw("class_names", &D::class_names)
      .def_rw("strides", &D::strides)
      .def_rw("anchors", &D::anchors)
      .def_rw("bins", &D::bins)
      .def_rw("mean", &D::mean)
      .def_rw("std", &D::std)
      .def_rw("rgb", &D::rgb)
      .def_rw("decoded", &D::decoded)
      .def(
          "set_resize",
          [](D& description, const std::string& kind) {
            if (kind != "letterbox" && kind != "stretch") {
              throw UsageError("resize is letterbox or stretch, not '" + kind + "'");
            }
            description.resize =
                kind == "letterbox" ? ResizeKind::kLetterbox : ResizeKind::kStretch;
          },
          "kind"_a);
}

void BindOptions(nb::module_& module) {
  using O = DetectorOptions;
  nb::class_<O>(module, "DetectorOptions")
      .def(nb::init<>())
      .def_rw("score_threshold", &O::score_threshold)
      .def_rw("runtime", &O::runtime)
      .def_rw("threads", &O::threads)
      .def_rw("streams", &O::streams)
      .def_rw("precision", &O::precision)
      .def_rw("device", &O::device)
      .def_rw("batch", &O::batch)
      .def_rw("rect", &O::rect)
      .def_rw("iou_threshold", &O::iou_threshold)
      .def_rw("class_agnostic", &O::class_agnostic)
      .def_rw("pre_topk", &O::pre_topk)
      .def_rw("keep_topk", &O::keep_topk)
      .def_rw("multi_label", &O::multi_label)
      .def_rw("model", &O::model);
}

void BindThresholds(nb::module_& module) {
  using T = Thresholds;
  nb::class_<T>(module, "Thresholds")
      .def(nb::init<>())
      .def_rw("score_threshold", &T::score_threshold)
      .def_rw("iou_threshold", &T::iou_threshold)
      .def_rw("class_agnostic", &T::class_agnostic);
}

void BindDetector(nb::module_& module) {
  nb::class_<Detector>(module, "Detector")
      .def(
          "__init__",
          [](Detector* self, const std::filesystem::path& model, const DetectorOptions& options) {
            const nb::gil_scoped_release no_gil;
            new (self) Detector(model, options);
          },
          "model"_a, "options"_a)
      .def("detect", &DetectOne, "image"_a, "thresholds"_a)
      .def("for_throughput", &Detector::ForThroughput, nb::call_guard<nb::gil_scoped_release>())
      .def("check_thresholds", &Detector::CheckThresholds, "thresholds"_a)
      .def("run_network", &Detector::RunNetwork, nb::call_guard<nb::gil_scoped_release>())
      .def_prop_ro("classes", &Detector::classes)
      .def_prop_ro("palette", &Palette)
      .def_prop_ro("height", [](const Detector& self) { return self.preprocess().height; })
      .def_prop_ro("width", [](const Detector& self) { return self.preprocess().width; })
      .def_prop_ro("turns_images",
                   [](const Detector& self) {
                     return self.preprocess().orientation == Orientation::kUpright;
                   })
      .def_prop_ro("batch", &Detector::batch)
      .def_prop_ro("streams", &Detector::streams)
      .def_prop_ro("lowest_score", &Detector::lowest_score)
      .def_prop_ro("runtime", &Detector::runtime)
      .def_prop_ro("notes", &Detector::notes)
      .def_prop_ro("warnings", &Detector::warnings)
      .def_prop_ro("left_out", &Detector::left_out);
}

// Milliseconds of each of so many calls without Python: what bench/python_bench.py compares with.
std::vector<double> TimeDetect(const Detector& detector, AnyArray array, int runs) {
  const ArrayImage image(std::move(array));
  const nb::gil_scoped_release no_gil;
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    const auto start = std::chrono::steady_clock::now();
    detector.Detect(image.view());
    const std::chrono::duration<double, std::milli> spent =
        std::chrono::steady_clock::now() - start;
    times.push_back(spent.count());
  }
  return times;
}

}  // namespace

NB_MODULE(_detector, module) {
  TranslateErrors();
  module.def("guard_mapped_files", &GuardMappedFiles);
  BindDescription(module);
  BindOptions(module);
  BindThresholds(module);
  BindDetector(module);
  BindImageFiles(module);
  BindImageStream(module);
  module.def("draw", &Draw, "image"_a, "boxes"_a, "scores"_a, "labels"_a, "classes"_a, "palette"_a);
  module.def(
      "drawing_warning",
      [](const std::vector<std::string>& classes) { return DrawingWarning(classes); }, "classes"_a);
  module.def("model_types", &ModelTypes);
  module.def("runtimes", &Runtimes);
  module.def("time_detect", &TimeDetect, "detector"_a, "image"_a, "runs"_a);
}

}  // namespace yoloport::python
