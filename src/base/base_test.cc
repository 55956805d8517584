#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/byte_reader.h"
#include "base/half.h"
#include "base/json_text.h"
#include "base/mapped_file.h"
#include "base/sha256.h"
#include "base/shared_library.h"
#include "base/text.h"
#include "base/utf8.h"
#include "testing/temporary_folder.h"
#include "yoloport/error.h"
#include "yoloport/mapped_files.h"
#include "yoloport/text.h"

namespace yoloport::base {
namespace {

namespace fs = std::filesystem;

class MappedFileTest : public test_support::TemporaryFolder {
 protected:
  static void SetUpTestSuite() { GuardMappedFiles(); }
};

TEST_F(MappedFileTest, ReadsWhatIsThere) {
  std::ofstream(folder_ / "a") << "hello";
  EXPECT_EQ(MappedFile::Open(folder_ / "a")->text(), "hello");
  std::ofstream(folder_ / "empty").flush();
  EXPECT_TRUE(MappedFile::Open(folder_ / "empty")->bytes().empty());
}

TEST_F(MappedFileTest, RefusesWhatIsNoFile) {
  EXPECT_THROW(MappedFile::Open(folder_), FileError);
  EXPECT_THROW(MappedFile::Open(folder_ / "missing"), FileError);
  EXPECT_THROW(MappedFile::Open("/dev/null"), FileError);
}

std::string ErrorOf(const MappedFile& file) {
  try {
    file.CheckUnchanged();
  } catch (const FileError& error) {
    return error.what();
  }
  return "(no error)";
}

TEST_F(MappedFileTest, AFileThatShrinksGivesZerosAndAnError) {
  const fs::path path = folder_ / "a";
  std::ofstream(path) << std::string(100'000, 'x');
  const auto file = MappedFile::Open(path);
  const auto other = MappedFile::Open(path);
  EXPECT_EQ(ErrorOf(*file), "(no error)");
  fs::resize_file(path, 10);
  EXPECT_EQ(file->text()[0], 'x');
  EXPECT_EQ(file->text()[99'999], '\0');  // without a handler, the end of the process
  EXPECT_EQ(file->text()[50'000], '\0');
  const std::string changed = Quote(path.native()) +
                              ": was changed while it was read\n"
                              "hint: try again once it is written or copied";
  EXPECT_EQ(ErrorOf(*file), changed);
  EXPECT_EQ(ErrorOf(*other), changed);  // nobody looked, and still
}

TEST_F(MappedFileTest, AFileThatIsWrittenToIsNoticed) {
  const fs::path path = folder_ / "a";
  std::ofstream(path) << "hello";
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(1));
  const auto file = MappedFile::Open(path);
  std::fstream(path, std::ios::in | std::ios::out) << "H";
  EXPECT_NE(ErrorOf(*file), "(no error)");
}

class MappedFileDeathTest : public test_support::TemporaryFolder {
 protected:
  std::shared_ptr<const MappedFile> Open() const {
    std::ofstream(folder_ / "a") << std::string(10'000, 'x');
    return MappedFile::Open(folder_ / "a");
  }
  // Of a page that is no longer in the file.
  char LastByte(const MappedFile& file) const {
    fs::resize_file(folder_ / "a", 10);
    return file.text().back();
  }
};

// Deaths are by the signal, or by a sanitizer that reports it.
TEST_F(MappedFileDeathTest, OtherBusErrorsEndTheProcessAsEver) {
  GuardMappedFiles();
  const auto file = Open();
  EXPECT_DEATH(std::raise(SIGBUS), "");
}

TEST_F(MappedFileDeathTest, NothingIsInstalledUnasked) {
  struct sigaction before = {};
  ::sigaction(SIGBUS, nullptr, &before);
  const auto file = Open();
  struct sigaction after = {};
  ::sigaction(SIGBUS, nullptr, &after);
  EXPECT_EQ(after.sa_handler, before.sa_handler);
  // In a process that has not asked for it.
  EXPECT_DEATH(
      {
        ::signal(SIGBUS, SIG_DFL);
        LastByte(*file);
      },
      "");
}

void GoOn(int /*signal*/) { std::_Exit(3); }

TEST_F(MappedFileDeathTest, AHandlerThatWasThereGetsWhatIsNotOurs) {
  // A process of its own: here the guard may stand already.
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        ::signal(SIGBUS, GoOn);
        GuardMappedFiles();
        const auto file = Open();
        if (LastByte(*file) != '\0') std::_Exit(4);
        std::raise(SIGBUS);
      },
      testing::ExitedWithCode(3), "");
}

TEST(HalfTest, AllValuesSurviveTheRoundTrip) {
  for (unsigned bits = 0; bits <= 0xFFFF; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = HalfToFloat(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(HalfToFloat(FloatToHalf(value))));
    } else {
      EXPECT_EQ(FloatToHalf(value), half) << bits;
    }
  }
}

TEST(HalfTest, RoundsToNearestEven) {
  EXPECT_EQ(FloatToHalf(1.0F + 0x1p-11F), 0x3C00);      // a tie goes to the even neighbour
  EXPECT_EQ(FloatToHalf(1.0F + 3 * 0x1p-11F), 0x3C02);  // and so does the next
  EXPECT_EQ(FloatToHalf(65519.0F), 0x7BFF);
  EXPECT_EQ(FloatToHalf(65520.0F), 0x7C00);
  EXPECT_EQ(FloatToHalf(0x1p-25F), 0x0000);
  EXPECT_EQ(FloatToHalf(-0x1p-24F), 0x8001);
}

TEST(ByteReaderTest, NeverReadsPastTheEnd) {
  const std::string data = "\x01\x02\x03\x04\x05";
  ByteReader reader(std::as_bytes(std::span(data)));
  std::uint32_t word = 0;
  EXPECT_TRUE(reader.Read(word));
  EXPECT_EQ(word, 0x04030201U);
  std::uint16_t half = 0;
  EXPECT_FALSE(reader.Read(half));
  std::string_view text;
  EXPECT_FALSE(reader.ReadText(~std::uint64_t{0}, text));
  EXPECT_EQ(reader.position(), 4U);
  EXPECT_TRUE(reader.ReadText(1, text));
  EXPECT_EQ(text, "\x05");
}

TEST(TextTest, QuoteEscapesWhatCouldHarmATerminal) {
  EXPECT_EQ(Quote("plain"), "'plain'");
  EXPECT_EQ(Quote("a\x1b[2J\n'\\"), "'a\\x1b[2J\\n\\'\\\\'");
  EXPECT_EQ(Quote("grün"), "'grün'");
  EXPECT_EQ(Quote("\xff\xc2\x9b"), "'\\xff\\xc2\\x9b'");
  EXPECT_EQ(Quote("abcdef", 3), "'abc...'");
}

TEST(TextTest, JsonsControlsAreEscaped) {
  EXPECT_EQ(WithEscapedControls("[\"a\x7f\xc2\x80z\xc2\x9f\"]"), "[\"a\\u007f\\u0080z\\u009f\"]");
  const char* others = "\"gr\xc3\xbcn \xc2\xa0 \xe4\xba\xba\"";  // U+00A0 is a space
  EXPECT_EQ(WithEscapedControls(others), others);
  EXPECT_EQ(WithEscapedControls("\xc2"), "\xc2");
}

TEST(TextTest, NearestNameFindsTypingMistakesOnly) {
  const std::vector<std::string> known = {"onnxruntime", "tensorrt8", "openvino"};
  EXPECT_EQ(NearestName("onnxruntme", known), "onnxruntime");
  EXPECT_EQ(NearestName("tensorrt", known), "tensorrt8");
  EXPECT_EQ(NearestName("banana", known), "");
  const std::vector<std::string> sizes = {"width", "height"};
  EXPECT_EQ(NearestName("widht", sizes), "width");
  EXPECT_EQ(NearestName("hieght", sizes), "height");
  EXPECT_EQ(KnownHint("widht", sizes), "did you mean width? known are width, height");
  EXPECT_EQ(KnownHint("depth", sizes), "known are width, height");
}

TEST(Sha256Test, KnownAnswers) {
  // FIPS 180-4's examples: the empty message and "abc".
  EXPECT_EQ(Sha256Hex({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex(std::as_bytes(std::span("abc", 3))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(TextTest, Shapes) {
  EXPECT_EQ(ShapeText(std::vector<std::int64_t>{1, 3, 640, 640}), "1x3x640x640");
  EXPECT_EQ(ShapeText({}), "scalar");
  EXPECT_EQ(ShapeText(std::vector<std::int64_t>(8, 2)), "2x2x2x2x2x2x2x2");
  EXPECT_EQ(ShapeText(std::vector<std::int64_t>(100'000, 2)), "2x2x2x2x2x2x2x2 and 99992 more");
  EXPECT_EQ(SizeText(12), "12 bytes");
  EXPECT_EQ(SizeText(1536), "1.5 KiB");
}

TEST(TextTest, OfManyNotesTheFirstAreTold) {
  std::vector<std::string> more = {"again", "again"};
  for (int i = 0; i < 30; ++i) more.push_back(std::to_string(i));
  std::vector<std::string> notes = {"first"};
  AppendNotes(notes, more);
  ASSERT_EQ(notes.size(), 22U);
  EXPECT_EQ(notes[1], "again");
  EXPECT_EQ(notes[2], "0");
  EXPECT_EQ(notes[20], "18");
  EXPECT_EQ(notes[21], "and 11 more");
}

TEST(TextTest, Utf8) {
  EXPECT_TRUE(IsUtf8("aä€😀"));
  EXPECT_FALSE(IsUtf8("\xc0\x80"));
  EXPECT_FALSE(IsUtf8("\xed\xa0\x80"));
  EXPECT_FALSE(IsUtf8("\xe2\x82"));
}

TEST(SharedLibraryTest, LoadsFunctions) {
  const auto cosine = LoadFunction<double(double)>("mathematics", "libm.so.6", "cos");
  EXPECT_EQ(cosine(0), 1);
}

TEST(SharedLibraryTest, SaysWhatIsMissing) {
  const auto error_of = [](const char* file, const char* function) -> std::string {
    try {
      LoadFunction("the module for tests", file, function);
    } catch (const RuntimeError& error) {
      return error.message();
    }
    return "no error";
  };
  EXPECT_EQ(error_of("libm.so.6", "YoloportNothing"),
            "the module for tests cannot be loaded: it is of another yoloport");
  const std::string missing = error_of("libyoloport_nothing.so", "YoloportNothing");
  EXPECT_EQ(missing.rfind("the module for tests cannot be loaded: '", 0), 0U) << missing;
  EXPECT_NE(missing.find("libyoloport_nothing.so: cannot open shared object file"),
            std::string::npos);
}

TEST(TextTest, LowersExtensions) {
  EXPECT_EQ(LowerExtension("a.b/C.JpG"), ".jpg");
  EXPECT_EQ(LowerExtension("a.b/C"), "");
  EXPECT_EQ(LowerExtension(".png"), "");
  EXPECT_EQ(AsciiLower("AZ[az\xC3\x84"), "az[az\xC3\x84");
}

TEST(JsonTextTest, CountsBracketsOutsideOfStrings) {
  EXPECT_FALSE(IsNestedDeeper("", 0));
  EXPECT_TRUE(IsNestedDeeper("[", 0));
  EXPECT_FALSE(IsNestedDeeper(R"([{"a":[]},[[]]])", 3));
  EXPECT_TRUE(IsNestedDeeper(R"([{"a":[]},[[]]])", 2));
  EXPECT_FALSE(IsNestedDeeper(R"(["[[[[", "\"[[[[", "\\"])", 1));
  EXPECT_TRUE(IsNestedDeeper(R"(["\\",[]])", 1));
  EXPECT_FALSE(IsNestedDeeper(R"(["[[[)", 1));
  EXPECT_FALSE(IsNestedDeeper(R"("\)", 1));
  EXPECT_FALSE(IsNestedDeeper("]]]][", 1));
}

}  // namespace
}  // namespace yoloport::base
