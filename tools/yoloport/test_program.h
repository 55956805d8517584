// Running yoloport-detect in tests, on pictures that they make, with the model
// testdata/detect/brightness.onnx: its two objects score the mean of the prepared picture
// ("bright") and a quarter of it ("dark").
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "yoloport/image.h"

namespace yoloport::tool {

class ProgramTest : public testing::Test {
 protected:
  ProgramTest()
      : folder_(std::filesystem::path(testing::TempDir()) /
                (std::string("yoloport_") +
                 testing::UnitTest::GetInstance()->current_test_info()->name() +
                 std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~ProgramTest() override { std::filesystem::remove_all(folder_); }

  // A picture of one grey level.
  std::filesystem::path MakeImage(const std::string& name, std::uint8_t value = 204) const {
    std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    Image image(32, 32);
    std::fill_n(image.data(), image.stride() * 32, value);
    WriteImage(image, path);
    return path;
  }

  struct Outcome {
    int exit_code = 0;
    std::string out;
    std::string err;
  };
  // Runs the program; ~ stands for the folder and @ for the model.
  Outcome Run(std::string arguments) const {
    const auto replace = [&](char what, const std::string& with) {
      for (std::size_t at; (at = arguments.find(what)) != std::string::npos;) {
        arguments.replace(at, 1, with);
      }
    };
    replace('~', folder_.native());
    replace('@', "testdata/detect/brightness.onnx");
    const std::string err = (folder_ / "stderr.txt").native();
    const std::string line =
        "{ " + prefix_ + " " + program_ + " " + command_ + " " + arguments + +"; } 2>" + err;
    Outcome outcome;
    std::FILE* pipe = ::popen(line.c_str(), "r");
    char buffer[4096];
    for (std::size_t count; (count = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;) {
      outcome.out.append(buffer, count);
    }
    outcome.exit_code = WEXITSTATUS(::pclose(pipe));
    outcome.err = Contents(err);
    std::filesystem::remove(err);
    // The folder's name says nothing and differs from run to run.
    for (std::string* text : {&outcome.out, &outcome.err}) {
      for (std::size_t at; (at = text->find(folder_.native())) != std::string::npos;) {
        text->replace(at, folder_.native().size(), 1, '~');
      }
    }
    return outcome;
  }

  static std::string Contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string program_ = YOLOPORT_DETECT_PROGRAM;
  std::string command_ = "detect";
  std::string prefix_;  // of the shell's line
  std::filesystem::path folder_;
};

}  // namespace yoloport::tool
