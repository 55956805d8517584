// `yoloport detect` with class names that fonts have, and that none has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_program.h"

namespace yoloport::tool {
namespace {

class DetectLettersTest : public DetectProgramTest {
 protected:
  DetectLettersTest() {
    for (const char* name : {"in/a.png", "in/b.png", "in/c.png"}) MakeImage(name);
    Write("names.txt", "\u043c\u0440\u0430\u043a\n\u4eae\n");
    Write("half.txt", "\u043c\u0440\u0430\u043a\nbright\n");
    Write("ascii.txt", "mrak\nliang\n");
    Write("none.conf", "<fontconfig></fontconfig>");
    prefix_ = "FONTCONFIG_FILE=" + (folder_ / "none.conf").native();
  }
};

constexpr const char* kWarning =
    "warning: the class names '\u043c\u0440\u0430\u043a', '\u4eae' cannot be drawn: pictures show "
    "? for letters that no font of this machine has; all other results have the names as they are\n"
    "hint: install a font that has them (on Debian fonts-dejavu-core or fonts-noto-core, for "
    "Chinese, Japanese and Korean fonts-noto-cjk or the smaller fonts-droid-fallback); or "
    "--class-names FILE gives the classes other names, one a line\n";

// With the fonts of this machine, of which DejaVu has Cyrillic.
TEST_F(DetectLettersTest, NothingIsSaidOfWhatFontsHave) {
  prefix_.clear();
  Write("cyrillic.txt", "\u043c\u0440\u0430\u043a\n\u0441\u0432\u0435\u0442\n");
  EXPECT_EQ(Run("~/in @ --out-dir ~/out --class-names ~/cyrillic.txt").err, "");
}

TEST_F(DetectLettersTest, WhatCannotBeDrawnIsSaidOnce) {
  const test_support::Outcome outcome =
      Run("~/in @ --out-dir ~/out --class-names ~/names.txt --json -");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err, kWarning);
  EXPECT_THAT(outcome.out, testing::HasSubstr("\"class\":\"\u4eae\""));
}

TEST_F(DetectLettersTest, TheHintHelps) {
  const test_support::Outcome outcome =
      Run("~/in @ --out-dir ~/out --class-names ~/ascii.txt --json -");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, testing::HasSubstr("\"class\":\"liang\""));
}

TEST_F(DetectLettersTest, NothingIsSaidOfNamesThatNobodyDraws) {
  EXPECT_EQ(Run("~/in @ --no-save --class-names ~/names.txt").err, "");
  EXPECT_EQ(Run("~/in @ --out-dir ~/out --class-names ~/names.txt --quiet").err, "");
  EXPECT_EQ(Run("~/in @ --out-dir ~/out --class-names ~/half.txt --classes bright").err, "");
}

// The names of the file itself; its hint, too, leads on.
TEST_F(DetectLettersTest, NamesOfTheModel) {
  const std::string model = " testdata/detect/names.onnx ";
  EXPECT_EQ(Run("~/in" + model + "--out-dir ~/out").err, kWarning);
  EXPECT_EQ(Run("~/in" + model + "--out-dir ~/out --class-names ~/ascii.txt").err, "");
}

}  // namespace
}  // namespace yoloport::tool
