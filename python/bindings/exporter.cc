// yoloport._exporter: what needs neither OpenCV nor a runtime. yoloport/exporting.py and
// yoloport/inspecting.py are the interface for users.
#include <nanobind/nanobind.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "errors.h"
#include "yoloport/error.h"
#include "yoloport/export.h"
#include "yoloport/finish.h"
#include "yoloport/inspect.h"
#include "yoloport/mapped_files.h"
#include "yoloport/package.h"
#include "yoloport/set.h"
#include "yoloport/version.h"

namespace nb = nanobind;
using nb::literals::operator""_a;

namespace yoloport::python {
namespace {

using NoGil = nb::call_guard<nb::gil_scoped_release>;

void BindOptions(nb::module_& module) {
  using O = ExportOptions;
  nb::class_<O>(module, "ExportOptions")
      .def(nb::init<>())
      .def_rw("config", &O::config)
      .def_rw("checkpoint", &O::checkpoint)
      .def_rw("output", &O::output)
      .def_rw("cfg_options", &O::cfg_options)
      .def_rw("packages", &O::packages)
      .def_rw("height", &O::height)
      .def_rw("width", &O::width)
      .def_rw("batch", &O::batch)
      .def_rw("input", &O::input)
      .def_rw("input_layout", &O::input_layout)
      .def_rw("input_color", &O::input_color)
      .def_rw("half", &O::half)
      .def_rw("opset", &O::opset)
      .def_rw("backend", &O::backend)
      .def_rw("layout", &O::layout)
      .def_rw("model_only", &O::model_only)
      .def_rw("pre_topk", &O::pre_topk)
      .def_rw("keep_topk", &O::keep_topk)
      .def_rw("iou_threshold", &O::iou_threshold)
      .def_rw("score_threshold", &O::score_threshold)
      .def_rw("min_box_size", &O::min_box_size)
      .def_rw("class_agnostic", &O::class_agnostic)
      .def_rw("runtime_thresholds", &O::runtime_thresholds)
      .def_rw("from_test_cfg", &O::from_test_cfg)
      .def_rw("legacy", &O::legacy)
      .def_rw("strict", &O::strict)
      .def("set_dynamic_axes", &SetDynamicAxes, "axes"_a);
}

void BindReport(nb::module_& module) {
  nb::class_<TensorSummary>(module, "TensorSummary", "One input or output of a written file.")
      .def_ro("name", &TensorSummary::name)
      .def_ro("dtype", &TensorSummary::dtype, "\"float32\" ...")
      .def_ro("shape", &TensorSummary::shape, "-1 stands for an extent known only when run.");
  using R = ExportReport;
  nb::class_<R>(module, "ExportReport", "What an export wrote.")
      .def_ro("output", &R::output, "The file.")
      .def_ro("type", &R::type, "yolov5, rtmdet ...: easydeploy's names.")
      .def_ro("detector", &R::detector, "The config's components.")
      .def_ro("inputs", &R::inputs)
      .def_ro("outputs", &R::outputs)
      .def_ro("parameters", &R::parameters, "Elements of all weights in the file.")
      .def_ro("nodes", &R::nodes)
      .def_ro("bytes", &R::bytes, "Of the file.")
      .def_prop_ro(
          "notes", [](const R& report) { return Spoken(report.notes); },
          "What the user should know: changed thresholds, for example.")
      .def("__repr__", [](const R& report) {
        return "<yoloport.ExportReport '" + report.output.native() + "': " + report.type + " (" +
               report.detector + "), " + std::to_string(report.parameters) + " parameters, " +
               std::to_string(report.nodes) + " nodes, " + std::to_string(report.bytes) + " bytes>";
      });
}

// What FinishOptions::description holds is set as the options' own: its class is bound by
// _detector.
void BindFinish(nb::module_& module) {
  using O = FinishOptions;
  using D = ModelDescription;
  nb::class_<O> options(module, "FinishOptions");
  options.def(nb::init<>())
      .def_rw("model", &O::model)
      .def_rw("outputs", &O::outputs)
      .def_rw("file", &O::file);
  const auto bind = [&](const char* name, auto D::*member) {
    using Value = std::decay_t<decltype(D().*member)>;
    options.def_prop_rw(
        name, [member](const O& o) { return o.description.*member; },
        [member](O& o, const Value& value) { o.description.*member = value; });
  };
  bind("type", &D::type);
  bind("num_classes", &D::num_classes);
  bind("class_names", &D::class_names);
  bind("strides", &D::strides);
  bind("anchors", &D::anchors);
  bind("bins", &D::bins);
  bind("mean", &D::mean);
  bind("std", &D::std);
  bind("rgb", &D::rgb);
  options.def(
      "set_resize",
      [](O& o, const std::string& kind) {
        if (kind != "letterbox" && kind != "stretch") {
          throw UsageError("resize is letterbox or stretch, not '" + kind + "'");
        }
        o.description.resize = kind == "letterbox" ? ResizeKind::kLetterbox : ResizeKind::kStretch;
      },
      "kind"_a);
  module.def("finish_model", &Finish, "options"_a, NoGil());
}

void BindSet(nb::module_& module) {
  using O = SetOptions;
  nb::class_<O>(module, "SetOptions")
      .def(nb::init<>())
      .def_rw("model", &O::model)
      .def_rw("output", &O::output)
      .def_rw("score_threshold", &O::score_threshold)
      .def_rw("iou_threshold", &O::iou_threshold)
      .def_rw("keep_topk", &O::keep_topk);
  module.def(
      "set_thresholds",
      [](const O& options) {
        std::vector<std::tuple<std::string, double, double>> changes;
        for (const ThresholdChange& change : SetThresholds(options)) {
          changes.emplace_back(change.name, change.before, change.after);
        }
        return changes;
      },
      "options"_a, NoGil());
}

void BindPackage(nb::module_& module) {
  using O = PackageOptions;
  nb::class_<O>(module, "PackageOptions")
      .def(nb::init<>())
      .def_rw("model", &O::model)
      .def_rw("target", &O::target)
      .def_rw("output", &O::output)
      .def_rw("name", &O::name)
      .def_rw("max_batch", &O::max_batch)
      .def_rw("storage_uri", &O::storage_uri);
  using R = PackageReport;
  nb::class_<R>(module, "PackageReport", "What package() wrote.")
      .def_ro("folder", &R::folder)
      .def_ro("name", &R::name, "What the server calls the model.")
      .def_ro("files", &R::files, "Paths within the folder, sorted.")
      .def_prop_ro(
          "notes", [](const R& report) { return Spoken(report.notes); }, "What is left to do.")
      .def("__repr__", [](const R& report) {
        return "<yoloport.PackageReport '" + report.folder.native() + "': " + report.name + ", " +
               std::to_string(report.files.size()) + " files>";
      });
  module.def("make_package", &Package, "options"_a, NoGil());
  module.def("package_targets", &PackageTargets);
}

std::string Config(const std::filesystem::path& path, std::vector<std::string> cfg_options,
                   std::map<std::string, std::filesystem::path> packages) {
  return InspectConfig(path, ConfigFormat::kJson, {std::move(cfg_options), std::move(packages)})
      .text;
}

}  // namespace

NB_MODULE(_exporter, module) {
  TranslateErrors();
  module.def("guard_mapped_files", &GuardMappedFiles);
  module.def("version", &Version);
  BindOptions(module);
  BindReport(module);
  BindFinish(module);
  module.def("export_model", &Export, "options"_a, NoGil());
  BindSet(module);
  BindPackage(module);
  module.def("export_backends", &ExportBackends);
  module.def("export_layouts", &ExportLayouts);
  module.def("inspect_config", &Config, "path"_a, "cfg_options"_a, "packages"_a, NoGil());
  module.def(
      "inspect_checkpoint",
      [](const std::filesystem::path& path) { return InspectCheckpoint(path, true); }, "path"_a,
      NoGil());
  module.def(
      "inspect_model", [](const std::filesystem::path& path) { return InspectModel(path, true); },
      "path"_a, NoGil());
}

}  // namespace yoloport::python
