// A folder of its own for each test.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "testing/contents.h"

namespace yoloport::test_support {

class TemporaryFolder : public testing::Test {
 protected:
  TemporaryFolder()
      : folder_(std::filesystem::path(testing::TempDir()) /
                (std::string("yoloport_") +
                 testing::UnitTest::GetInstance()->current_test_info()->name() +
                 std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~TemporaryFolder() override { std::filesystem::remove_all(folder_); }

  std::size_t EntryCount() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

  std::filesystem::path folder_;
};

}  // namespace yoloport::test_support
