// Running yoloport-detect in tests, on pictures that they make, with the model
// testdata/detect/brightness.onnx: its two objects score the mean of the prepared picture
// ("bright") and a quarter of it ("dark").
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>

#include "testing/program.h"
#include "yoloport/image.h"

namespace yoloport::tool {

class DetectProgramTest : public test_support::ProgramTest {
 protected:
  // A picture of one grey level.
  std::filesystem::path MakeImage(const std::string& name, std::uint8_t value = 204) const {
    std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    Image image(32, 32);
    std::fill_n(image.data(), image.stride() * 32, value);
    WriteImage(image, path);
    return path;
  }

  // Runs the program by the shell, in the source tree; ~ stands for the folder and @ for the model.
  test_support::Outcome Run(std::string arguments) const {
    const auto replace = [&](char what, const std::string& with) {
      for (std::size_t at; (at = arguments.find(what)) != std::string::npos;) {
        arguments.replace(at, 1, with);
      }
    };
    replace('~', folder_.native());
    replace('@', "testdata/detect/brightness.onnx");
    return RunLine(prefix_ + " " + program_ + " " + command_ + " " + arguments, source_);
  }

  std::string program_ = YOLOPORT_DETECT_PROGRAM;
  std::string command_ = "detect";
  std::string prefix_;  // of the shell's line
};

}  // namespace yoloport::tool
