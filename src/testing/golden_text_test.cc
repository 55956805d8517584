#include "testing/golden_text.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "testing/program.h"

namespace yoloport::test_support {
namespace {

TEST(FirstDifferenceTest, EqualTextsHaveNone) {
  EXPECT_EQ(FirstDifference("a\nb\n", "a\nb\n"), "");
}

TEST(FirstDifferenceTest, ShowsChangedLinesBetweenEqualOnes) {
  EXPECT_EQ(
      FirstDifference("1\n2\n3\n4\nold\n5\n6\n7\n8\n", "1\n2\n3\n4\nnew\nnewer\n5\n6\n7\n8\n"),
      "line 5:\n"
      "  2\n"
      "  3\n"
      "  4\n"
      "- old\n"
      "+ new\n"
      "+ newer\n"
      "  5\n"
      "  6\n"
      "  7\n");
}

TEST(FirstDifferenceTest, ShowsLinesThatWentOrCame) {
  EXPECT_EQ(FirstDifference("a\nb\nc\n", "a\nc\n"), "line 2:\n  a\n- b\n  c\n");
  EXPECT_EQ(FirstDifference("a\n", "a\na\n"), "line 2:\n  a\n+ a\n");
  EXPECT_EQ(FirstDifference("", "a\n"), "line 1:\n+ a\n");
  EXPECT_EQ(FirstDifference("a\n", "a"), "line 1:\n- a\n+ a (no line end)\n");
}

TEST(FirstDifferenceTest, ShowsTheFirstOfSeveral) {
  EXPECT_EQ(FirstDifference("a\nb\nc\nd\ne\nf\n", "a\nx\nc\nd\ny\nf\n"),
            "line 2:\n  a\n- b\n+ x\n  c\n  d\n  e\n");
}

TEST(FirstDifferenceTest, LeavesOutMostOfManyLines) {
  std::string many;
  std::string shown;
  for (char c = 'a'; c <= 'z'; ++c) {
    many += std::string(1, c) + "\n";
    if (c <= 'h') shown += std::string("- ") + c + "\n";
  }
  EXPECT_EQ(FirstDifference(many, ""), "line 1:\n" + shown + "- ... 18 more lines\n");
}

class IsGoldenTest : public testing::Test {
 protected:
  IsGoldenTest() { ::unsetenv("YOLOPORT_UPDATE_LISTINGS"); }
  ~IsGoldenTest() override {
    ::unsetenv("YOLOPORT_UPDATE_LISTINGS");
    std::filesystem::remove(path_);
  }

  std::filesystem::path path_ =
      std::filesystem::path(testing::TempDir()) / ("golden_" + std::to_string(::getpid()));
};

TEST_F(IsGoldenTest, ADifferenceFailsAndLeavesTheFile) {
  std::ofstream(path_) << "a\nb\n";
  EXPECT_TRUE(IsGolden("a\nb\n", path_));
  const auto result = IsGolden("a\nc\n", path_);
  EXPECT_FALSE(result);
  EXPECT_EQ(std::string(result.message()),
            path_.native() +
                ", line 2:\n  a\n- b\n+ c\n"
                "If the change is intended, run the test again with YOLOPORT_UPDATE_LISTINGS=1, "
                "which rewrites the file, and review the difference.");
  EXPECT_EQ(Contents(path_), "a\nb\n");
}

TEST_F(IsGoldenTest, AMissingFileFailsEvenWhereNothingIsExpected) {
  EXPECT_FALSE(IsGolden("", path_));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(IsGoldenTest, RewritingFailsOnce) {
  ::setenv("YOLOPORT_UPDATE_LISTINGS", "1", 1);
  std::ofstream(path_) << "a\nb\n";
  const auto result = IsGolden("a\nc\n", path_);
  EXPECT_FALSE(result);
  EXPECT_EQ(std::string(result.message()),
            path_.native() +
                ", line 2:\n  a\n- b\n+ c\n"
                "This file was rewritten, because YOLOPORT_UPDATE_LISTINGS is set. Review the "
                "difference, and run the test without it.");
  EXPECT_EQ(Contents(path_), "a\nc\n");
  EXPECT_TRUE(IsGolden("a\nc\n", path_));
}

}  // namespace
}  // namespace yoloport::test_support
