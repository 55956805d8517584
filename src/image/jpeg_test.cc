// JPEGs as OpenCV reads and writes them: each pixel and byte.
#include "image/jpeg.h"

#include <gtest/gtest.h>

// jpeglib.h uses FILE without including it.
#include <cstdio>
// Here for the kinds that OpenCV does not write.
#include <jpeglib.h>

#include <cstdlib>
#include <exception>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <random>
#include <string>

#include "image/mat.h"

namespace yoloport::image {
namespace {

using Bytes = std::vector<std::uint8_t>;
using namespace std::string_literals;

// Soft colours with sharp noise: every coefficient is used.
cv::Mat Picture(int width, int height, int type = CV_8UC3) {
  cv::Mat picture(height, width, type);
  cv::RNG random(7);
  random.fill(picture, cv::RNG::UNIFORM, 0, 256);
  cv::Mat soft;
  cv::GaussianBlur(picture, soft, {0, 0}, 4);
  cv::addWeighted(picture, 0.2, soft, 0.8, 0, picture);
  return picture;
}

Bytes Encoded(const cv::Mat& picture, const std::vector<int>& parameters = {}) {
  Bytes bytes;
  cv::imencode(".jpg", picture, bytes, parameters);
  return bytes;
}

std::optional<Image> Decode(const Bytes& bytes) {
  return DecodeJpeg(std::as_bytes(std::span(bytes))).image;
}

bool AreEqual(const cv::Mat& one, const cv::Mat& other) {
  return one.size() == other.size() && one.type() == other.type() &&
         cv::norm(one, other, cv::NORM_INF) == 0;
}

bool DecodesAsOpenCv(const Bytes& bytes) {
  const std::optional<Image> image = Decode(bytes);
  return image && AreEqual(MatView(image->view()), cv::imdecode(bytes, cv::IMREAD_COLOR));
}

// A segment APP1 that says so, and beside it a maker whose name is `make_size` bytes long.
std::string Exif(int orientation, bool big_endian, std::uint32_t make_size = 8) {
  const auto number = [&](std::uint32_t value, int size) {
    std::string text;
    for (int i = 0; i < size; ++i) {
      text += static_cast<char>(value >> 8 * (big_endian ? size - 1 - i : i));
    }
    return text;
  };
  const std::string tiff = (big_endian ? "MM"s : "II"s) + number(42, 2) + number(8, 4) +
                           number(2, 2) + number(0x010F, 2) + number(2, 2) + number(make_size, 4) +
                           number(38, 4) + number(0x0112, 2) + number(3, 2) + number(1, 4) +
                           number(static_cast<std::uint32_t>(orientation), 2) + "\0\0"s +
                           number(0, 4) + "A maker\0"s;
  const std::string body = "Exif\0\0"s + tiff;
  return "\xFF\xE1\0"s + static_cast<char>(body.size() + 2) + body;
}

Bytes WithSegment(Bytes jpeg, const std::string& segment) {
  jpeg.insert(jpeg.begin() + 2, segment.begin(), segment.end());
  return jpeg;
}

TEST(DecodeJpegTest, EqualsOpenCvAtEachExtent) {
  for (int width = 1; width < 36; ++width) {
    for (const int height : {1, 2, 7, 8, 9, 16, 17, 33}) {
      ASSERT_TRUE(DecodesAsOpenCv(Encoded(Picture(width, height)))) << width << "x" << height;
    }
  }
  EXPECT_TRUE(DecodesAsOpenCv(Encoded(Picture(641, 479))));
}

TEST(DecodeJpegTest, EqualsOpenCvForGreyAndOtherKinds) {
  EXPECT_TRUE(DecodesAsOpenCv(Encoded(Picture(61, 43, CV_8UC1))));
  EXPECT_TRUE(DecodesAsOpenCv(Encoded(Picture(61, 43), {cv::IMWRITE_JPEG_PROGRESSIVE, 1})));
  EXPECT_TRUE(DecodesAsOpenCv(Encoded(Picture(61, 43), {cv::IMWRITE_JPEG_RST_INTERVAL, 3})));
  for (const int quality : {1, 50, 100}) {
    EXPECT_TRUE(DecodesAsOpenCv(Encoded(Picture(61, 43), {cv::IMWRITE_JPEG_QUALITY, quality})));
  }
}

TEST(DecodeJpegTest, EqualsOpenCvInEachOrientation) {
  const Bytes upright = Encoded(Picture(61, 43));
  for (int orientation = 0; orientation <= 9; ++orientation) {
    for (const bool big_endian : {false, true}) {
      const Bytes turned = WithSegment(upright, Exif(orientation, big_endian));
      ASSERT_TRUE(DecodesAsOpenCv(turned)) << orientation << big_endian;
      const bool swaps = orientation >= 5 && orientation <= 8;
      EXPECT_EQ(Decode(turned)->width(), swaps ? 43 : 61);
      EXPECT_EQ(DecodeJpeg(std::as_bytes(std::span(turned)), Orientation::kAsStored).image->width(),
                61);
    }
  }
  // Of two segments the first counts, also if it is none of EXIF's.
  const Bytes twice = WithSegment(WithSegment(upright, Exif(6, false)), Exif(3, true));
  EXPECT_TRUE(DecodesAsOpenCv(twice));
  EXPECT_TRUE(DecodesAsOpenCv(WithSegment(twice, "\xFF\xE1\0\x1Dhttp://ns.adobe.com/xap/1.0"s)));
}

TEST(DecodeJpegTest, LeavesDamagedExifToOpenCv) {
  const Bytes upright = Encoded(Picture(61, 43));
  EXPECT_FALSE(Decode(WithSegment(upright, Exif(6, false, 900))));
  EXPECT_TRUE(DecodesAsOpenCv(WithSegment(upright, Exif(1, false, 900))));
  const std::string whole = Exif(6, true);
  for (std::size_t size = 4; size < whole.size(); ++size) {
    std::string cut = whole.substr(0, size);
    cut[3] = static_cast<char>(size - 2);
    const Bytes jpeg = WithSegment(upright, cut);
    ASSERT_TRUE(!Decode(jpeg) || DecodesAsOpenCv(jpeg)) << size;
  }
}

TEST(DecodeJpegTest, LeavesOtherKindsToOpenCv) {
  EXPECT_FALSE(Decode({}));
  EXPECT_FALSE(Decode({0xFF, 0xD8, 0xFF, 0xD9}));
  Bytes png;
  cv::imencode(".png", Picture(9, 9), png);
  EXPECT_FALSE(Decode(png));
  const Bytes whole = Encoded(Picture(61, 43));
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    ASSERT_FALSE(Decode(cut)) << size;
  }
}

// Whatever is damaged: what OpenCV makes of it or nothing, and never a word on stderr.
TEST(DecodeJpegTest, EqualsOpenCvForDamagedFiles) {
  std::mt19937 random(1);
  int decoded = 0;
  for (const Bytes& whole :
       {WithSegment(Encoded(Picture(61, 43)), Exif(6, true)), Encoded(Picture(40, 30, CV_8UC1)),
        Encoded(Picture(61, 43), {cv::IMWRITE_JPEG_PROGRESSIVE, 1})}) {
    for (int round = 0; round < 300; ++round) {
      Bytes damaged = whole;  // but for its first three bytes, which make it a JPEG
      for (int i = 0; i <= round % 3; ++i) {
        damaged[3 + random() % (damaged.size() - 3)] = static_cast<std::uint8_t>(random());
      }
      testing::internal::CaptureStderr();
      const std::optional<Image> image = Decode(damaged);
      ASSERT_EQ(testing::internal::GetCapturedStderr(), "");
      if (!image) continue;
      ++decoded;
      testing::internal::CaptureStderr();  // of OpenCV's libjpeg
      const cv::Mat expected = cv::imdecode(damaged, cv::IMREAD_COLOR);
      testing::internal::GetCapturedStderr();
      ASSERT_TRUE(AreEqual(MatView(image->view()), expected)) << round;
    }
  }
  EXPECT_GT(decoded, 300);
}

// Four colours of noise.
Bytes EncodedCmyk(int width, int height) {
  const cv::Mat picture = Picture(width, height, CV_8UC4);
  jpeg_compress_struct info = {};
  jpeg_error_mgr errors = {};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &data, &size);
  info.image_width = static_cast<JDIMENSION>(width);
  info.image_height = static_cast<JDIMENSION>(height);
  info.input_components = 4;
  info.in_color_space = JCS_CMYK;
  jpeg_set_defaults(&info);
  jpeg_start_compress(&info, TRUE);
  for (int y = 0; y < height; ++y) {
    JSAMPROW row = const_cast<JSAMPROW>(picture.ptr(y));
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  Bytes bytes(data, data + size);
  std::free(data);
  return bytes;
}

bool IsIncomplete(const Bytes& bytes) {
  return DecodeJpeg(std::as_bytes(std::span(bytes))).is_incomplete;
}

// With half of its data, and the marker of its end behind that.
Bytes Half(const Bytes& whole) {
  Bytes half(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(whole.size() / 2));
  while (half.back() == 0xFF) half.pop_back();
  half.insert(half.end(), {0xFF, 0xD9});
  return half;
}

TEST(DecodeJpegTest, DataThatEndEarlyAreTold) {
  const Bytes kinds[] = {Encoded(Picture(161, 143)), Encoded(Picture(161, 143, CV_8UC1)),
                         Encoded(Picture(161, 143), {cv::IMWRITE_JPEG_PROGRESSIVE, 1}),
                         Encoded(Picture(161, 143), {cv::IMWRITE_JPEG_RST_INTERVAL, 3})};
  for (const Bytes& whole : kinds) {
    EXPECT_FALSE(IsIncomplete(whole));
    EXPECT_TRUE(IsIncomplete(Half(whole)));
    // Bytes that belong to nothing, which some cameras leave before the end, do no harm.
    Bytes longer = whole;
    longer.insert(longer.end() - 2, {1, 2, 3});
    EXPECT_FALSE(IsIncomplete(longer));
    EXPECT_TRUE(Decode(longer));
  }
  // One with EXIF that OpenCV is to read.
  EXPECT_TRUE(IsIncomplete(Half(WithSegment(kinds[0], Exif(6, false, 900)))));
}

TEST(DecodeJpegTest, EqualsOpenCvForFourColours) {
  const Bytes cmyk = EncodedCmyk(161, 143);
  EXPECT_TRUE(DecodesAsOpenCv(cmyk));
  EXPECT_FALSE(IsIncomplete(cmyk));
  EXPECT_TRUE(IsIncomplete(Half(cmyk)));
}

// The check sees the size before anything of it is allocated, of every kind, and ends the decoding.
TEST(DecodeJpegTest, TheSizeIsCheckedFirst) {
  struct Refused : std::exception {
    Refused(int w, int h) : width(w), height(h) {}
    int width, height;
  };
  const auto decode = [](const Bytes& bytes) {
    return DecodeJpeg(
        std::as_bytes(std::span(bytes)), Orientation::kUpright,
        [](int width, int height, bool /*is_left*/) { throw Refused(width, height); });
  };
  for (const Bytes& bytes : {Encoded(Picture(61, 43)), EncodedCmyk(61, 43)}) {
    try {
      decode(bytes);
      ADD_FAILURE() << "decoded";
    } catch (const Refused& size) {
      EXPECT_EQ(size.width, 61);
      EXPECT_EQ(size.height, 43);
    }
  }
  EXPECT_FALSE(decode({0xFF, 0xD8, 0xFF, 0xD9}).image);  // no header, no size
}

TEST(EncodeJpegTest, EqualsOpenCvByteForByte) {
  for (const int quality : {0, 50, 92, 95, 100}) {
    for (const cv::Mat& picture :
         {Picture(1, 1), Picture(61, 43), Picture(640, 427), Picture(33, 20, CV_8UC1)}) {
      std::vector<std::byte> encoded;
      const ImageView view{picture.data, picture.cols, picture.rows, picture.channels(),
                           picture.step};
      ASSERT_TRUE(EncodeJpeg(view, quality, encoded));
      const Bytes expected = Encoded(picture, {cv::IMWRITE_JPEG_QUALITY, quality});
      const auto bytes = std::as_bytes(std::span(expected));
      ASSERT_TRUE(std::equal(encoded.begin(), encoded.end(), bytes.begin(), bytes.end()))
          << picture.size() << " at " << quality;
    }
  }
}

TEST(EncodeJpegTest, WritesRowsThatLieApart) {
  const cv::Mat part = Picture(90, 60)(cv::Rect(7, 5, 41, 30));
  std::vector<std::byte> encoded;
  ASSERT_TRUE(EncodeJpeg({part.data, part.cols, part.rows, 3, part.step}, 92, encoded));
  std::vector<std::byte> expected;
  const cv::Mat copy = part.clone();
  ASSERT_TRUE(EncodeJpeg({copy.data, copy.cols, copy.rows, 3, 0}, 92, expected));
  EXPECT_EQ(encoded, expected);
}

TEST(EncodeJpegTest, RefusesWhatNoJpegCanHold) {
  const cv::Mat wide(1, 70000, CV_8UC3, cv::Scalar(1, 2, 3));
  std::vector<std::byte> encoded;
  EXPECT_FALSE(EncodeJpeg({wide.data, wide.cols, wide.rows, 3, 0}, 92, encoded));
}

}  // namespace
}  // namespace yoloport::image
