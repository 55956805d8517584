// Texts that tests compare with files in testdata/.
//
// With YOLOPORT_UPDATE_LISTINGS=1 in the environment, a file that differs is rewritten. The test
// still fails, so that no run that changed its own expectations passes.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace yoloport::test_support {

// Whether the file `path` holds `text`. If not, the message shows the first lines that differ and
// how to rewrite the file.
testing::AssertionResult IsGolden(std::string_view text, const std::filesystem::path& path);

// The first lines in which the texts differ, with lines before and after; "" where they are equal.
std::string FirstDifference(std::string_view expected, std::string_view actual);

}  // namespace yoloport::test_support
