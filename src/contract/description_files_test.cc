#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "yoloport/error.h"
#include "yoloport/model_description.h"

namespace yoloport::contract {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class DescriptionFileTest : public testing::Test {
 protected:
  ~DescriptionFileTest() override { fs::remove(path_); }

  const fs::path& Write(const std::string& text) const {
    std::ofstream(path_, std::ios::binary) << text;
    return path_;
  }
  template <typename Read>
  std::string ErrorOf(const std::string& text, const Read& read) const {
    try {
      read(Write(text));
    } catch (const UsageError& error) {
      return error.message().substr(base::Quote(path_.native()).size());
    }
    return "no error";
  }

  fs::path path_ = fs::path(testing::TempDir()) /
                   (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) +
                    std::to_string(::getpid()) + ".txt");
};

TEST_F(DescriptionFileTest, ClassNames) {
  EXPECT_THAT(ReadClassNames(Write("cat\nbig dog \r\n\n")), ElementsAre("cat", "big dog"));
  EXPECT_THAT(ReadClassNames(Write("\xEF\xBB\xBF[\"cat\", \"a, b\"]")), ElementsAre("cat", "a, b"));
  EXPECT_THAT(ReadClassNames(Write(std::string("\xFF\xFE\xBA\x4E\r\0\n\0", 8))),
              ElementsAre("\u4eba"));
  EXPECT_EQ(ErrorOf("\xFF\xFE\xBA", ReadClassNames), ": is UTF-16 text that is damaged or cut off");
  EXPECT_EQ(ErrorOf("cat\n\ndog\n", ReadClassNames), ", line 2: is empty");
  EXPECT_EQ(ErrorOf("[1]", ReadClassNames), ", line 1: name 0 is no text");
  EXPECT_EQ(ErrorOf("[", ReadClassNames), ", line 1: is no JSON list");
  EXPECT_EQ(ErrorOf("\xFF\n", ReadClassNames), ", line 1: is no UTF-8: '\\xff'");
  EXPECT_EQ(ErrorOf("", ReadClassNames), ": has no class names");
  EXPECT_THROW(ReadClassNames("/missing.txt"), FileError);
}

TEST_F(DescriptionFileTest, AnchorsOfEitherForm) {
  const Anchors expected = {{{10, 13}, {16, 30.5}}, {{30, 61}}};
  EXPECT_EQ(ReadAnchors(Write("# finest first\n10,13 16,30.5\n\n30, 61\n")), expected);
  EXPECT_EQ(ReadAnchors(Write("[[[10, 13], [16, 30.5]], [[30, 61]]]")), expected);
  EXPECT_EQ(ReadAnchors(Write("ANCHORS = [[(10, 13), (16, 30.5)],\n           [(30, 61)], ]\n")),
            expected);
}

TEST_F(DescriptionFileTest, AnchorsThatAreNone) {
  EXPECT_EQ(ErrorOf("10,13\n16\n", ReadAnchors),
            ", line 2: has 1 numbers; each anchor is a width and a height");
  EXPECT_EQ(ErrorOf("10,x\n", ReadAnchors), ", line 1: expected a positive number, not 'x'");
  EXPECT_EQ(ErrorOf("10,-3\n", ReadAnchors), ", line 1: expected a positive number, not '-3'");
  EXPECT_EQ(ErrorOf("10,nan\n", ReadAnchors), ", line 1: expected a positive number, not 'nan'");
  EXPECT_EQ(ErrorOf("[[(1, 2, 3)]]", ReadAnchors), ", line 1: an anchor has 3 numbers, not 2");
  EXPECT_EQ(ErrorOf("[[\n(1, 2)", ReadAnchors), ", line 2: a ] is missing");
  EXPECT_EQ(ErrorOf("[(1, 2)]", ReadAnchors), ", line 1: expected a bracket, not '1, 2)]'");
  EXPECT_EQ(ErrorOf("[[(1, 2)]] x", ReadAnchors), ", line 1: has more after the anchors: 'x'");
  EXPECT_EQ(ErrorOf("\n", ReadAnchors), ": has no anchors");
}

}  // namespace
}  // namespace yoloport::contract
