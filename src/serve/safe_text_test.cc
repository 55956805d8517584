#include "serve/safe_text.h"

#include <gtest/gtest.h>

namespace yoloport::serve {
namespace {

TEST(SafeTextTest, PlainNames) {
  EXPECT_EQ(PlainName("yolov5_n-2.1"), "yolov5_n-2.1");
  EXPECT_EQ(PlainName("my model (1)"), "my_model__1_");
  EXPECT_EQ(PlainName("..\n/../x"), "_.__.._x");
  EXPECT_EQ(PlainName("-rf"), "_rf");
  EXPECT_EQ(PlainName("\xC3\xA9t\xC3\xA9"), "__t__");
  EXPECT_EQ(PlainName(""), "model");
  EXPECT_EQ(PlainName(std::string(300, 'a')), std::string(100, 'a'));
  for (const char* name : {"a b", ".a", "-a", "", "a/b", "a\"b", "a\n"}) {
    EXPECT_FALSE(IsPlainName(name)) << name;
    EXPECT_TRUE(IsPlainName(PlainName(name))) << name;
  }
}

TEST(SafeTextTest, DnsNames) {
  EXPECT_EQ(DnsName("YOLOv5_n__coco."), "yolov5-n-coco");
  EXPECT_EQ(DnsName("5-model"), "m-5-model");
  EXPECT_EQ(DnsName("___"), "model");
  EXPECT_EQ(DnsName(std::string(300, 'a')), std::string(50, 'a'));
  EXPECT_EQ(DnsName(std::string(300, '7')), "m-" + std::string(48, '7'));
  for (const char* name : {"A", "1a", "a-", "-a", "a_b", ""}) {
    EXPECT_FALSE(IsDnsName(name)) << name;
    EXPECT_TRUE(IsDnsName(DnsName(name))) << name;
  }
}

TEST(SafeTextTest, OneLineALabel) {
  const std::string separated = std::string("sep\xE2\x80\xA8") + "arated";
  EXPECT_EQ(
      LabelLines({"traffic light", " two\nlines\r", "", "a;b", "\xFF", "caf\xC3\xA9", separated}),
      "traffic light\ntwo lines\nclass_2\na b\nclass_4\ncaf\xC3\xA9\nsep arated\n");
}

TEST(SafeTextTest, Quoted) {
  EXPECT_EQ(QuotedText("a\"b\\c\nd\xC3\xA9"), "\"a\\\"b\\\\c?d??\"");
  EXPECT_EQ(PlainText("x\n# y\x7F"), "x?# y?");
}

}  // namespace
}  // namespace yoloport::serve
