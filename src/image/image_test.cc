#include "yoloport/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "yoloport/error.h"

namespace yoloport::image {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

// A picture whose left half is blue and right half red, encoded.
std::string Encoded(const std::string& extension, int type = CV_8UC3,
                    const std::vector<int>& parameters = {}) {
  // JPEG 2000 halves a picture five times.
  const int scale = extension == ".jp2" ? 4 : 1;
  cv::Mat picture(20 * scale, 30 * scale, type, cv::Scalar(255, 0, 0, 100));
  picture(cv::Rect(15 * scale, 0, 15 * scale, 20 * scale)).setTo(cv::Scalar(0, 0, 255, 100));
  if (picture.depth() == CV_16U) picture *= 257;
  std::vector<std::uint8_t> bytes;
  cv::imencode(extension, picture, bytes, parameters);
  return {bytes.begin(), bytes.end()};
}

Image Decode(const std::string& bytes) {
  return DecodeImage(std::as_bytes(std::span(bytes)), "a.img");
}

std::string ErrorOf(const std::string& bytes) {
  try {
    Decode(bytes);
  } catch (const ImageError& error) {
    return error.message();
  }
  return "no error";
}

std::array<int, 3> Pixel(const Image& image, int x, int y) {
  const std::uint8_t* pixel = image.data() + image.stride() * y + 3 * x;
  return {pixel[0], pixel[1], pixel[2]};
}

TEST(DecodeImageTest, ReadsEachFormat) {
  for (const char* extension : {".jpg", ".png", ".bmp", ".webp", ".tif", ".ppm", ".jp2"}) {
    SCOPED_TRACE(extension);
    const Image image = Decode(Encoded(extension));
    EXPECT_EQ(image.width() * 2, image.height() * 3);
    EXPECT_GT(Pixel(image, 3, 10)[0], 240);
    EXPECT_GT(Pixel(image, image.width() - 3, 10)[2], 240);
  }
}

TEST(DecodeImageTest, BecomesEightBitColour) {
  EXPECT_EQ(Pixel(Decode(Encoded(".png", CV_8UC1)), 3, 3), (std::array{255, 255, 255}));
  EXPECT_EQ(Pixel(Decode(Encoded(".png", CV_8UC4)), 3, 3), (std::array{255, 0, 0}));
  EXPECT_EQ(Pixel(Decode(Encoded(".png", CV_16UC3)), 3, 3), (std::array{255, 0, 0}));
  EXPECT_EQ(Pixel(Decode(Encoded(".tif", CV_16UC3)), 3, 3), (std::array{255, 0, 0}));
}

// An EXIF segment that says "turned by 90 degrees clockwise" (6).
TEST(DecodeImageTest, TurnsAsExifSays) {
  const std::string exif = "\xFF\xE1\x00\x22"s + "Exif\0\0"s + "II*\0\x08\0\0\0"s + "\x01\0"s +
                           "\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"s + "\0\0\0\0"s;
  std::string bytes = Encoded(".jpg");
  bytes.insert(2, exif);
  const Image image = Decode(bytes);
  EXPECT_EQ(image.width(), 20);
  EXPECT_EQ(image.height(), 30);
  EXPECT_GT(Pixel(image, 10, 3)[0], 240);
  EXPECT_GT(Pixel(image, 10, 27)[2], 240);
  const Image stored = DecodeImage(std::as_bytes(std::span(bytes)), "a", Orientation::kAsStored);
  EXPECT_EQ(stored.width(), 30);
  EXPECT_EQ(stored.height(), 20);
}

TEST(DecodeImageTest, RefusesWhatIsNoImage) {
  EXPECT_EQ(ErrorOf(""), "'a.img': is empty");
  const std::string known = "; JPEG, PNG, WebP, BMP, TIFF, PNM and JPEG 2000 are read";
  EXPECT_EQ(ErrorOf("hello"), "'a.img': is no image of a known format" + known);
  EXPECT_EQ(ErrorOf("GIF89a..."), "'a.img': is no image of a known format (a GIF)" + known);
  EXPECT_EQ(ErrorOf("<html>"),
            "'a.img': is no image of a known format (a web page or XML)" + known);
}

TEST(DecodeImageTest, RefusesHeaderBombs) {
  std::string png = Encoded(".png");
  png.replace(16, 8, "\x00\x00\x75\x30\x00\x00\x75\x30"s);  // 30000 x 30000
  EXPECT_EQ(ErrorOf(png), "'a.img': claims 30000x30000 pixels; at most 268435456 are read");
  png.replace(16, 8, "\x7F\xFF\xFF\xFF\x00\x00\x00\x01"s);
  EXPECT_EQ(ErrorOf(png), "'a.img': claims 2147483647x1 pixels; at most 1048575 a side are read");
  png.replace(16, 8, "\x00\x00\x00\x00\x00\x00\x00\x01"s);
  EXPECT_EQ(ErrorOf(png), "'a.img': has no pixels (0x1)");
  EXPECT_EQ(ErrorOf("P6\n# a comment\n30000 30000\n255\nx"),
            "'a.img': claims 30000x30000 pixels; at most 268435456 are read");
}

TEST(DecodeImageTest, RefusesScanBombs) {
  std::string jpeg = Encoded(".jpg");
  const std::string scan = "\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00\x11"s;
  for (int i = 0; i < 300; ++i) jpeg.insert(jpeg.size() - 2, scan);
  EXPECT_EQ(ErrorOf(jpeg), "'a.img': is refused: a JPEG of more than 200 scans");
}

// At every length: a message, never a crash and never half a picture.
TEST(DecodeImageTest, RefusesTruncatedImages) {
  const std::vector<int> progressive = {cv::IMWRITE_JPEG_PROGRESSIVE, 1};
  for (const std::string& whole :
       {Encoded(".jpg"), Encoded(".jpg", CV_8UC3, progressive), Encoded(".png"), Encoded(".bmp"),
        Encoded(".webp"), Encoded(".ppm")}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      ASSERT_NE(ErrorOf(whole.substr(0, size)), "no error") << size << " of " << whole.size();
    }
  }
  const std::string tiff = Encoded(".tif");
  for (std::size_t size = 0; size < 64; ++size) ErrorOf(tiff.substr(0, size));
  EXPECT_NE(ErrorOf(tiff.substr(0, tiff.size() / 2)), "no error");
}

// The end is there, and half of what comes before it is not.
TEST(DecodeImageTest, RefusesWhatEndsEarlyBeforeItsEnd) {
  const std::string jpeg = Encoded(".jpg");
  const std::size_t scan = jpeg.find("\xFF\xDA");
  EXPECT_EQ(ErrorOf(jpeg.substr(0, (scan + jpeg.size()) / 2) + "\xFF\xD9"),
            "'a.img': is incomplete: it ends in the middle of the picture");
  const std::string jpeg2000 = Encoded(".jp2");
  EXPECT_NE(ErrorOf(jpeg2000.substr(0, jpeg2000.size() / 2) + "\xFF\xD9"), "no error");
}

TEST(ReadImageTest, SaysWhyAFileCannotBeRead) {
  EXPECT_THROW(ReadImage("/missing.png"), FileError);
  EXPECT_THROW(ReadImage("/"), FileError);
  EXPECT_THROW(ReadImage("/dev/null"), FileError);
}

TEST(WriteImageTest, WritesWhatCanBeReadBack) {
  const fs::path folder = fs::path(testing::TempDir()) / "write_image";
  fs::create_directories(folder);
  const Image image = Decode(Encoded(".png"));
  for (const char* name : {"a.png", "a.JPG", "a.webp", "a.bmp", "a.tiff"}) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(CanWriteImage(name));
    WriteImage(image, folder / name);
    EXPECT_EQ(ReadImage(folder / name).width(), 30);
  }
  EXPECT_THROW(WriteImage(image, folder / "a.gif"), ImageError);
  EXPECT_THROW(WriteImage(image, folder / "missing" / "a.png"), FileError);
  EXPECT_THROW(WriteImage(Image(), folder / "a.png"), ImageError);
  fs::remove_all(folder);
}

TEST(ImageTest, ClonesAndChecksItsExtent) {
  Image image(4, 3);
  Image copy = image.Clone();
  copy.data()[0] = 7;
  EXPECT_EQ(image.data()[0], 0);
  EXPECT_THROW(Image(0, 3), ImageError);
  EXPECT_THROW(Image(1 << 20, 1 << 20), ImageError);
  EXPECT_TRUE(HasImageExtension("a/b.JPEG"));
  EXPECT_FALSE(HasImageExtension("a/b.txt"));
  EXPECT_FALSE(HasImageExtension(".png"));
}

}  // namespace
}  // namespace yoloport::image
