// Files to package, exported from the demo's checkpoint.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "testing/contents.h"
#include "yoloport/error.h"
#include "yoloport/export.h"
#include "yoloport/package.h"

namespace yoloport::serve {

class PackageTest : public testing::Test {
 protected:
  PackageTest() { std::filesystem::create_directories(folder_); }
  ~PackageTest() override { std::filesystem::remove_all(folder_); }

  static ExportOptions Demo(const std::string& backend = "onnxruntime") {
    ExportOptions options;
    options.config = "demo/config.py";
    options.checkpoint = "demo/digits.pth";
    options.height = 64;
    options.width = 96;
    options.keep_topk = 50;
    options.backend = backend;
    return options;
  }

  std::filesystem::path Write(ExportOptions options,
                              const std::string& name = "digits.onnx") const {
    options.output = folder_ / name;
    Export(options);
    return options.output;
  }

  // Whose input turns with the image where it is of any size.
  ExportOptions Turning(const std::string& backend = "onnxruntime") const {
    const std::filesystem::path config = folder_ / "turning.py";
    std::ofstream(config)
        << "_base_ = '" << std::filesystem::absolute("demo/config.py").native() << "'\n"
        << "_pipeline = [dict(type='mmdet.Resize', scale=(96, 64), keep_ratio=True), "
           "dict(type='mmdet.Pad', size=(96, 64))]\n"
           "test_dataloader = dict(dataset=dict(pipeline=_pipeline))\n";
    ExportOptions options = Demo(backend);
    options.config = config;
    options.dynamic_size = true;
    return options;
  }

  // What packaging `model` says.
  std::vector<std::string> NotesOf(const std::filesystem::path& model,
                                   const std::string& target) const {
    const std::filesystem::path output = folder_ / "package";
    std::filesystem::remove_all(output);
    return Package({model, target, output}).notes;
  }

  // The folder of a package of `model`, made anew.
  std::filesystem::path Packaged(const std::filesystem::path& model, const std::string& target,
                                 PackageOptions options = {}) const {
    options.model = model;
    options.target = target;
    options.output = folder_ / "package";
    std::filesystem::remove_all(options.output);
    Package(options);
    return options.output;
  }

  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / ("package_test_" + std::to_string(::getpid()));
};

}  // namespace yoloport::serve
