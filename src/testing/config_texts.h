// Shared by the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "config/config.h"
#include "yoloport/error.h"

namespace yoloport::test_support {

// A config on one line as Python writes it; of one that binds only `x`, its value.
inline std::string Evaluated(const std::string& text) {
  const config::Config config = config::Config::FromText(text, "t.py");
  const std::string all = config.ToPython(-1);
  const std::string start = "{'x': ";
  const bool is_single = config.root().size() == 1 && all.starts_with(start);
  return is_single ? all.substr(start.size(), all.size() - start.size() - 1) : all;
}

// The whole text of the error of type E that `action` throws.
template <typename E = ConfigError, typename Action>
std::string ErrorOf(Action action) {
  try {
    action();
  } catch (const E& error) {
    return error.what();
  }
  return "no error";
}

inline std::string EvaluationError(const std::string& text) {
  return ErrorOf([&] { config::Config::FromText(text, "t.py"); });
}

// A folder of its own for each test.
class FolderTest : public testing::Test {
 protected:
  FolderTest()
      : folder_(std::filesystem::path(testing::TempDir()) / "yoloport_config" /
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~FolderTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path Write(const std::string& name, const std::string& text) const {
    std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  // An error's text with the folder as "FOLDER".
  std::string WithoutFolder(std::string text) const {
    const std::string prefix = folder_.string();
    for (std::size_t at = 0; (at = text.find(prefix)) != std::string::npos;) {
      text.replace(at, prefix.size(), "FOLDER");
    }
    return text;
  }

  std::string LoadError(const std::filesystem::path& path,
                        const config::ConfigOptions& options = {}) const {
    return WithoutFolder(ErrorOf<Error>([&] { config::Config::Load(path, options); }));
  }

  std::filesystem::path folder_;
};

}  // namespace yoloport::test_support
