// Entries 56 to 60 of the catalogue in docs/security.md: images for `detect`. An image that is
// refused is named, and the others are done.
#include "yoloport/image.h"

#include <cstdlib>
#include <fstream>

#include "bad_inputs/bad_input.h"

namespace yoloport::bad_inputs {
namespace {

namespace fs = std::filesystem;
using test_support::Outcome;
using test_support::Snapshot;
using namespace std::string_literals;

class BadImage : public BadInput {
 protected:
  BadImage() {
    fs::copy_file(source_ / "testdata/detect/brightness.onnx", folder_ / "model.onnx");
    WriteImage(Image(32, 32), folder_ / "good.png");
  }

  // `detect` on `bad` and a good image: the good one's picture is there, and nothing else is new.
  void ExpectBadImage(const std::string& name, const std::string& contents,
                      const std::string& message) const {
    Write(name, contents);
    auto expected = Snapshot(folder_);
    const Outcome outcome =
        Run({"detect", name, "good.png", "model.onnx", "--out-dir", "out", "--quiet"});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_EQ(outcome.err, message);
    EXPECT_EQ(outcome.out, "");
    if (const char* log = std::getenv("YOLOPORT_SHOW")) {
      std::ofstream(log, std::ios::app) << message << '\0' << outcome.err << '\0';
    }
    EXPECT_TRUE(fs::remove(folder_ / "out/good.png"));
    EXPECT_TRUE(fs::remove(folder_ / "out"));
    EXPECT_EQ(Snapshot(folder_), expected);
    fs::remove(folder_ / name);
  }

  std::string Encoded(const std::string& name, int width, int height) const {
    Image image(width, height);
    for (int i = 0; i < width * height * 3; ++i) {
      image.data()[i] = static_cast<std::uint8_t>(i * 2654435761U >> 24);
    }
    WriteImage(image, folder_ / name);
    std::string bytes = test_support::Contents(folder_ / name);
    fs::remove(folder_ / name);
    return bytes;
  }
};

// What is no image is known by its first bytes: the rest is not read.
TEST_F(BadImage, E56AGigabyteThatIsNoImage) {
  Write("zeros.jpg", "");
  fs::resize_file(folder_ / "zeros.jpg", std::uintmax_t{1000} << 20);
  const Outcome outcome = Run({"detect", "zeros.jpg", "model.onnx", "--no-save", "--quiet"});
  EXPECT_EQ(outcome.err,
            "error: 'zeros.jpg': is no image of a known format; JPEG, PNG, WebP, BMP, TIFF, PNM "
            "and JPEG 2000 are read\n"
            "error: 1 of 1 inputs failed: zeros.jpg\n");
  if (!kSanitized) {
    EXPECT_LT(outcome.peak_kib, 300 << 10);
  }
}

TEST_F(BadImage, E56HeaderBombs) {
  std::string png = Encoded("x.png", 8, 8);
  png.replace(16, 8, "\x00\x00\x75\x30\x00\x00\x75\x30"s);
  ExpectBadImage("bomb.png", png,
                 "error: 'bomb.png': claims 30000x30000 pixels; at most 268435456 are read\n"
                 "error: 1 of 2 inputs failed: bomb.png\n");
  std::string bmp = Encoded("x.bmp", 8, 8);
  bmp.replace(18, 8, "\x30\x75\x00\x00\x30\x75\x00\x00"s);
  ExpectBadImage("bomb.bmp", bmp,
                 "error: 'bomb.bmp': claims 30000x30000 pixels; at most 268435456 are read\n"
                 "error: 1 of 2 inputs failed: bomb.bmp\n");
  ExpectBadImage("bomb.ppm", "P6 30000 30000 255\n",
                 "error: 'bomb.ppm': claims 30000x30000 pixels; at most 268435456 are read\n"
                 "error: 1 of 2 inputs failed: bomb.ppm\n");
}

// A JPEG of two frame headers: libjpeg goes by the first, and meets the second after the picture.
TEST_F(BadImage, E56TwoSizes) {
  std::string jpeg = Encoded("x.jpg", 16, 16);
  const std::size_t at = jpeg.find("\xff\xc0");
  jpeg.insert(jpeg.size() - 2, jpeg.substr(at, 19));
  jpeg.replace(at + 5, 4, "\x75\x30\x75\x30"s);
  ExpectBadImage("bomb.jpg", jpeg,
                 "error: 'bomb.jpg': is damaged: it says twice how large it is, 30000x30000 and "
                 "16x16\n"
                 "error: 1 of 2 inputs failed: bomb.jpg\n");
}

TEST_F(BadImage, E57Truncated) {
  const std::string jpeg = Encoded("x.jpg", 64, 64);
  ExpectBadImage("cut.jpg", jpeg.substr(0, jpeg.size() / 2),
                 "error: 'cut.jpg': is incomplete: it ends in the middle of the picture\n"
                 "error: 1 of 2 inputs failed: cut.jpg\n");
  ExpectBadImage("half.jpg", jpeg.substr(0, jpeg.size() / 2) + "\xff\xd9",
                 "error: 'half.jpg': is incomplete: it ends in the middle of the picture\n"
                 "error: 1 of 2 inputs failed: half.jpg\n");
  const std::string png = Encoded("x.png", 64, 64);
  ExpectBadImage("cut.png", png.substr(0, png.size() / 2),
                 "error: 'cut.png': is incomplete: it ends in the middle of the picture\n"
                 "error: 1 of 2 inputs failed: cut.png\n");
  ExpectBadImage("cut.webp", Encoded("x.webp", 64, 64).substr(0, 60),
                 "error: 'cut.webp': is incomplete: it ends in the middle of the picture\n"
                 "error: 1 of 2 inputs failed: cut.webp\n");
}

TEST_F(BadImage, E57ScanBombs) {
  const std::string jpeg = Encoded("x.jpg", 8, 8);
  const std::size_t scan = jpeg.find("\xff\xda");
  std::string bomb = jpeg.substr(0, scan);
  for (int i = 0; i < 10'000; ++i) bomb += jpeg.substr(scan, jpeg.size() - 2 - scan);
  ExpectBadImage("bomb.jpg", bomb + "\xff\xd9",
                 "error: 'bomb.jpg': is refused: a JPEG of more than 200 scans\n"
                 "error: 1 of 2 inputs failed: bomb.jpg\n");
}

// libjpeg goes through the list of them for each: 250,000 took it half a minute.
TEST_F(BadImage, E57ExifBombs) {
  for (const std::string& segment : {"\xff\xe1\0\2"s,
                                     "\xff\xe1\0\x08"
                                     "Exif\0\0"s}) {
    std::string bomb = Encoded("x.jpg", 8, 8);
    std::string segments;
    while (segments.size() < 1'000'000) segments += segment;
    ExpectBadImage("bomb.jpg", bomb.insert(2, segments),
                   "error: 'bomb.jpg': is refused: a JPEG of more than 10000 EXIF segments\n"
                   "error: 1 of 2 inputs failed: bomb.jpg\n");
  }
}

// 58, what decoding gives, is in DecodeImageTest.BecomesEightBitColour and TurnsAsExifSays.

TEST_F(BadImage, E59ThinAndEmpty) {
  WriteImage(Image(1, 500), folder_ / "thin.png");
  WriteImage(Image(500, 1), folder_ / "flat.png");
  EXPECT_EQ(Run({"detect", "thin.png", "flat.png", "model.onnx", "--no-save"}).code, 0);
  std::string bmp = Encoded("x.bmp", 8, 8);
  bmp.replace(18, 4, "\0\0\0\0"s);
  ExpectBadImage("empty.bmp", bmp,
                 "error: 'empty.bmp': has no pixels (0x8)\n"
                 "error: 1 of 2 inputs failed: empty.bmp\n");
  ExpectBadImage("empty.jpg", "",
                 "error: 'empty.jpg': is empty\n"
                 "error: 1 of 2 inputs failed: empty.jpg\n");
  ExpectBadImage("text.jpg", "hello",
                 "error: 'text.jpg': is no image of a known format; JPEG, PNG, WebP, BMP, TIFF, "
                 "PNM and JPEG 2000 are read\n"
                 "error: 1 of 2 inputs failed: text.jpg\n");
}

TEST_F(BadImage, E60EqualNames) {
  for (const char* folder : {"in/a", "in/b"}) {
    fs::create_directories(folder_ / folder);
    fs::copy_file(folder_ / "good.png", folder_ / folder / "same.png");
  }
  EXPECT_EQ(Run({"detect", "in", "model.onnx", "--recursive", "--out-dir", "out"}).code, 0);
  EXPECT_TRUE(fs::exists(folder_ / "out/a/same.png"));
  EXPECT_TRUE(fs::exists(folder_ / "out/b/same.png"));
  fs::remove_all(folder_ / "out");
  EXPECT_EQ(
      Run({"detect", "in/a/same.png", "in/b/same.png", "model.onnx", "--out-dir", "out"}).code, 0);
  EXPECT_EQ(Snapshot(folder_ / "out").size(), 2U);
}

TEST_F(BadImage, E60LinkLoops) {
  fs::create_directories(folder_ / "in/deep");
  fs::copy_file(folder_ / "good.png", folder_ / "in/deep/one.png");
  fs::create_directory_symlink("..", folder_ / "in/deep/up");
  fs::create_symlink("self.png", folder_ / "in/self.png");
  const Outcome outcome = Run({"detect", "in", "model.onnx", "--recursive", "--out-dir", "out"});
  EXPECT_EQ(outcome.signal, 0);
  EXPECT_TRUE(fs::exists(folder_ / "out/deep/one.png"));
  EXPECT_EQ(Snapshot(folder_ / "out").size(), 2U);  // deep, deep/one.png
}

TEST_F(BadImage, E60NamesThatAreNotUtf8) {
  const std::string name = "\xff\xfe\x1b[2J.png";
  fs::copy_file(folder_ / "good.png", folder_ / name);
  const Outcome outcome = Run({"detect", name, "model.onnx", "--out-dir", "out", "--json", "-"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(fs::exists(folder_ / "out" / name));
  EXPECT_EQ(outcome.out.find('\x1b'), std::string::npos);
  fs::remove_all(folder_ / "out");
  ExpectBadImage("\xff\x1b[2J.jpg", "hello",
                 "error: '\\xff\\x1b[2J.jpg': is no image of a known format; JPEG, PNG, WebP, BMP, "
                 "TIFF, PNM and JPEG 2000 are read\n"
                 "error: 1 of 2 inputs failed: ??[2J.jpg\n");
}

}  // namespace
}  // namespace yoloport::bad_inputs
