#include "onnx/outline/read_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "testing/error_of.h"
#include "yoloport/error.h"

namespace yoloport::onnx::outline {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Protocol buffers by hand: a field with a number below 16 and fewer than 128 bytes.
std::string Field(int number, const std::string& bytes) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}
std::string Entry(const std::string& key, const std::string& value) {
  return Field(14, Field(1, key) + Field(2, value));
}
const std::string kVersion = "\x08\x08";
const std::string kGraphField = Field(7, "\x0A\x01g");

class ReadOnnxMetadataTest : public testing::Test {
 protected:
  fs::path Write(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary) << bytes;
    return path_;
  }
  std::string Error(const std::string& bytes) const {
    std::string message =
        test_support::MessageOf<ModelError>([&] { ReadOnnxMetadata(Write(bytes)); });
    const std::string name = base::Quote(path_.native()) + ": ";
    return message.starts_with(name) ? message.substr(name.size()) : message;
  }
  ~ReadOnnxMetadataTest() override { fs::remove(path_); }

  fs::path path_ =
      fs::path(testing::TempDir()) /
      (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".onnx");
};

TEST_F(ReadOnnxMetadataTest, FindsEntriesAnywhere) {
  const auto expected = testing::ElementsAre(testing::Pair("a", "1"), testing::Pair("b", "2"));
  EXPECT_THAT(ReadOnnxMetadata(Write(kVersion + kGraphField + Entry("b", "2") + Entry("a", "1"))),
              expected);
  EXPECT_THAT(ReadOnnxMetadata(Write(Entry("a", "1") + kGraphField + Entry("b", "2") + kVersion)),
              expected);
  EXPECT_THAT(ReadOnnxMetadata(Write(kVersion + kGraphField)), testing::IsEmpty());
}

TEST_F(ReadOnnxMetadataTest, RefusesWhatIsNoOnnx) {
  EXPECT_EQ(Error(""), "is not an ONNX file: it is empty");
  EXPECT_EQ(Error("PK\x03\x04 and more"),
            "is not an ONNX file: it looks like a zip archive, such as a .pth checkpoint");
  EXPECT_EQ(Error("\x89PNG\r\n"), "is not an ONNX file: it looks like a PNG image");
  EXPECT_EQ(Error("hello, world"), "is not an ONNX file");
  EXPECT_EQ(Error(kVersion), "is not an ONNX file");
  EXPECT_THROW(ReadOnnxMetadata("/missing.onnx"), FileError);
}

TEST_F(ReadOnnxMetadataTest, SaysWhereItEnds) {
  const std::string whole = kVersion + kGraphField + Entry("key", "value");
  for (std::size_t size = kVersion.size() + 1; size < whole.size(); ++size) {
    if (size == kVersion.size() + kGraphField.size()) continue;  // whole, without metadata
    EXPECT_THAT(Error(whole.substr(0, size)), HasSubstr("ends in the middle of the field at byte "))
        << size;
  }
}

TEST_F(ReadOnnxMetadataTest, RefusesABrokenEntry) {
  EXPECT_EQ(Error(kVersion + kGraphField + Field(14, "\x0A\x7Fk")),
            "has a broken metadata_props entry");
}

}  // namespace
}  // namespace yoloport::onnx::outline
