#include "yoloport/text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>

#include "base/git_lfs.h"
#include "base/number_text.h"
#include "base/utf8.h"

namespace yoloport::base {
namespace {

TEST(PrintableTest, OnlyWholeCharactersThatAreNoControlsStay) {
  EXPECT_EQ(Printable("aä€😀 ~"), "aä€😀 ~");
  EXPECT_EQ(Printable("\x1b[31m\n\x7f"), "?[31m??");
  EXPECT_EQ(Printable("a\xc2\x9b"
                      "b"),
            "a??b");                                      // U+009B begins a sequence of a terminal
  EXPECT_EQ(Printable("\xc2\xa0"), "\xc2\xa0");           // the first after the controls
  EXPECT_EQ(Printable("\xff\xe2\x82"), "???");            // no first byte; cut off
  EXPECT_EQ(Printable("\xc0\x9b\xed\xa0\x80"), "?????");  // overlong; a surrogate
}

TEST(TextOfFileTest, AnyByteOrderMarkIsKnown) {
  using namespace std::string_literals;
  EXPECT_EQ(TextOfFile("a\xff\r\n"), "a\xff\r\n");
  EXPECT_EQ(TextOfFile(std::string("\xEF\xBB\xBF") + "a"), "a");
  EXPECT_EQ(TextOfFile("\xFF\xFE"
                       "a\0\n\0\xBA\x4E\x3D\xD8\x00\xDE"s),
            "a\n\u4eba\U0001F600");
  EXPECT_EQ(TextOfFile("\xFE\xFF"
                       "\0a\x4E\xBA\xD8\x3D\xDE\x00"s),
            "a\u4eba\U0001F600");
  EXPECT_EQ(TextOfFile("\xFF\xFE"), "");
  // Half a unit, half a pair at the end and before a letter, two second halves.
  for (const std::string& bytes : {"\xFF\xFE"
                                   "a"s,
                                   "\xFF\xFE\x3D\xD8"s,
                                   "\xFF\xFE\x3D\xD8"
                                   "a\0"s,
                                   "\xFF\xFE\x00\xDE\x00\xDE"s}) {
    EXPECT_EQ(TextOfFile(bytes), std::nullopt);
  }
}

TEST(ParseNumberTest, TakesAllOfTheTextOrNothing) {
  EXPECT_EQ(ParseNumber<int>("-12"), -12);
  EXPECT_EQ(ParseNumber<std::uint8_t>("fF", 16), 255);
  EXPECT_EQ(ParseNumber<double>("0.5"), 0.5);
  for (const char* text : {"", " 1", "1 ", "+1", "1x", "x", "2147483648"}) {
    EXPECT_EQ(ParseNumber<int>(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseNumber<std::uint8_t>("256"), std::nullopt);
  EXPECT_EQ(ParseNumber<unsigned>("-1"), std::nullopt);
}

TEST(NumberTextTest, IsTheShortestThatReadsBack) {
  EXPECT_EQ(NumberText(103.53F), "103.53");
  EXPECT_EQ(NumberText(0.1), "0.1");
  EXPECT_EQ(NumberText(1.0F / 3), "0.33333334");
  EXPECT_EQ(NumberText(std::int64_t{-9'223'372'036'854'775'807}), "-9223372036854775807");
  EXPECT_EQ(NumberText(-std::nextafter(0.0, 1.0)), "-5e-324");
}

TEST(Utf8Test, EachCharacterIsReadAsItWasWritten) {
  for (std::uint32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;  // surrogates are no characters
    std::string text;
    AppendUtf8(text, c);
    ASSERT_EQ(Utf8Length(text), text.size()) << c;
    const CodePoint read = DecodeUtf8(text);
    ASSERT_EQ(read.value, c);
    ASSERT_EQ(read.length, text.size()) << c;
    ASSERT_EQ(IsC1Control(text), c >= 0x80 && c < 0xA0) << c;
  }
}

TEST(GitLfsTest, KnowsAPointerByItsFirstLine) {
  EXPECT_TRUE(IsGitLfsPointer("version https://git-lfs.github.com/spec/v1\noid sha256:00\n"));
  EXPECT_FALSE(IsGitLfsPointer("version 1"));
  EXPECT_FALSE(IsGitLfsPointer(""));
}

}  // namespace
}  // namespace yoloport::base
