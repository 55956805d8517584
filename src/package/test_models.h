// Files to package, exported from the demo's checkpoint.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "yoloport/error.h"
#include "yoloport/export.h"
#include "yoloport/package.h"

namespace yoloport {

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

  static std::string Contents(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    EXPECT_TRUE(in.good()) << path;
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / ("package_test_" + std::to_string(::getpid()));
};

}  // namespace yoloport
