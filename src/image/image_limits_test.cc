// Images that cost more than they are worth, or that two readers see differently.
#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include "image/image_header.h"
#include "image/png_chunks.h"
#include "yoloport/error.h"
#include "yoloport/image.h"

namespace yoloport::image {
namespace {

using namespace std::string_literals;

std::string Encoded(const std::string& extension, const std::vector<int>& parameters = {}) {
  const cv::Mat picture(64, 64, CV_8UC3, cv::Scalar(255, 0, 100));
  std::vector<std::uint8_t> bytes;
  cv::imencode(extension, picture, bytes, parameters);
  return {bytes.begin(), bytes.end()};
}

Image Decode(const std::string& bytes) {
  return DecodeImage(std::as_bytes(std::span(bytes)), "a.img");
}

// The message, and the hint behind "; ".
std::string ErrorOf(const std::string& bytes) {
  try {
    Decode(bytes);
  } catch (const ImageError& error) {
    return error.message() + (error.hint().empty() ? "" : "; " + error.hint());
  }
  return "no error";
}

std::string Number(std::uint64_t value, int bytes, bool big_endian) {
  std::string text;
  for (int i = 0; i < bytes; ++i) {
    const int shift = 8 * (big_endian ? bytes - 1 - i : i);
    text += static_cast<char>(value >> shift & 0xFF);
  }
  return text;
}
std::string Big(std::uint64_t value, int bytes) { return Number(value, bytes, true); }
std::string Little(std::uint64_t value, int bytes) { return Number(value, bytes, false); }

// JPEG

std::string WithExtent(std::string jpeg, char frame, int width, int height) {
  const std::size_t at = jpeg.find("\xFF"s + frame);
  return jpeg.replace(at + 5, 4, Big(height, 2) + Big(width, 2));
}

TEST(ImageLimitsTest, AJpegOfTwoSizes) {
  const std::string small = Encoded(".jpg");
  const std::size_t at = small.find("\xFF\xC0");
  const std::string frame = small.substr(at, 2 + 17);
  std::string jpeg = WithExtent(small, '\xC0', 5000, 6000);
  jpeg.insert(jpeg.size() - 2, frame);
  EXPECT_EQ(ErrorOf(jpeg),
            "'a.img': is damaged: it says twice how large it is, 5000x6000 and 64x64");
}

TEST(ImageLimitsTest, AJpegOfManyComponents) {
  std::string jpeg = Encoded(".jpg");
  jpeg[jpeg.find("\xFF\xC0") + 9] = 10;
  EXPECT_EQ(ErrorOf(jpeg), "'a.img': is refused: a JPEG of 10 color components; up to 4 are read");
}

TEST(ImageLimitsTest, SegmentsHaveALength) {
  std::string jpeg = Encoded(".jpg");
  jpeg.insert(2, "\xFF\xE0\x00\x00"s);
  EXPECT_EQ(ErrorOf(jpeg), "'a.img': is damaged: a JPEG segment of no length");
}

// A progressive JPEG, its last scan again and again.
std::string Refined(int side, int scans) {
  std::string jpeg =
      WithExtent(Encoded(".jpg", {cv::IMWRITE_JPEG_PROGRESSIVE, 1}), '\xC2', side, side);
  const std::size_t last = jpeg.rfind("\xFF\xDA");
  const std::string scan = jpeg.substr(last, jpeg.size() - 2 - last);
  int there = 0;
  for (std::size_t at = 0; (at = jpeg.find("\xFF\xDA", at)) != std::string::npos; ++at) ++there;
  for (int i = there; i < scans; ++i) jpeg.insert(jpeg.size() - 2, scan);
  return jpeg;
}

TEST(ImageLimitsTest, ScansTimesPixels) {
  EXPECT_EQ(
      ErrorOf(Refined(5000, 199)),
      "'a.img': is refused: decoding this JPEG takes up to the work of 240 passes over 5000x5000 "
      "pixels; a file of its size gets 171; scale it down, or save it as an ordinary JPEG or PNG");
  EXPECT_EQ(ErrorOf(Refined(64, 199)), "no error");
}

// A grey one of `scans` refinements behind the first of `frame`'s kind.
std::string GreyJpeg(char frame, int side, int scans, const std::string& tables = "\0\x10"s) {
  const auto segment = [](char marker, const std::string& data) {
    return "\xFF"s + marker + Big(data.size() + 2, 2) + data;
  };
  std::string jpeg = "\xFF\xD8" + segment('\xDB', '\0' + std::string(64, '\1'));
  for (const char table : tables) {
    jpeg += segment('\xC4', table + "\1\1"s + std::string(14, '\0') + "\0\1"s);
  }
  jpeg += segment(frame, "\x08"s + Big(side, 2) + Big(side, 2) + "\1\1\x11\0"s);
  jpeg += segment('\xDA', "\1\1\0\0\0\0"s) + std::string(400, '\0');
  for (int i = 0; i < scans; ++i) {
    jpeg += segment('\xDA', "\1\1\0\1\x3F\x10"s) + std::string(20, '\0');
  }
  return jpeg + "\xFF\xD9";
}

// Codes of Huffman stand for what bytes there are, arithmetic ones for any number of pixels.
TEST(ImageLimitsTest, ScansOfArithmeticCodes) {
  EXPECT_EQ(
      ErrorOf(GreyJpeg('\xCA', 5792, 119)),
      "'a.img': is refused: decoding this JPEG takes up to the work of 970 passes over 5792x5792 "
      "pixels; a file of its size gets 128; scale it down, or save it as an ordinary JPEG or PNG");
  const std::string small = GreyJpeg('\xCA', 64, 119);
  EXPECT_EQ(ErrorOf(small), "no error");
  EXPECT_EQ(ReadImageHeader(std::as_bytes(std::span(small)), "a").passes, 970);
  const std::string huffman = GreyJpeg('\xC2', 64, 119);
  EXPECT_EQ(ReadImageHeader(std::as_bytes(std::span(huffman)), "a").passes, 148);
}

// What libjpeg writes by itself, of each pixel's color: far from the limit, however large.
TEST(ImageLimitsTest, PhotosInScansAreRead) {
  std::string jpeg = Encoded(".jpg", {cv::IMWRITE_JPEG_PROGRESSIVE, 1});
  const auto passes = [](const std::string& bytes) {
    return ReadImageHeader(std::as_bytes(std::span(bytes)), "a").passes;
  };
  EXPECT_EQ(passes(jpeg), 6);
  jpeg[jpeg.find("\xFF\xC2") + 11] = '\x11';
  EXPECT_LE(passes(jpeg), 11);
}

// OpenCV decodes once more what has no tables.
TEST(ImageLimitsTest, WhatIsDecodedTwiceCountsTwice) {
  const std::string jpeg = GreyJpeg('\xC2', 5792, 80, "");
  EXPECT_EQ(
      ErrorOf(jpeg),
      "'a.img': is refused: decoding this JPEG takes up to the work of 200 passes over 5792x5792 "
      "pixels; a file of its size gets 128; scale it down, or save it as an ordinary JPEG or PNG");
}

// A word of libjpeg's on stderr would be nobody's.
TEST(ImageLimitsTest, ArithmeticCodesAreDecodedOnceAndSilently) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(ErrorOf(GreyJpeg('\xCA', 64, 119)), "no error");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(ImageLimitsTest, PixelsOfASmallFile) {
  const std::string jpeg = Encoded(".jpg");
  EXPECT_EQ(ErrorOf(WithExtent(jpeg, '\xC0', 16384, 16384)),
            "'a.img': claims 16384x16384 pixels in " + std::to_string(jpeg.size()) +
                " bytes; of a file that small at most 33554432 are read; scale it down, or save it "
                "with less compression");
}

TEST(ImageLimitsTest, MemoryOfADecoder) {
  std::string jpeg = Refined(8000, 20);
  jpeg[jpeg.find("\xFF\xC2") + 11] =
      '\x11';  // colors at each pixel: 9 bytes while scans refine them
  // Comments make it a megabyte, which may stand for so many pixels.
  for (int i = 0; i < 17; ++i) {
    jpeg.insert(2, "\xFF\xFE"s + Big(60'002, 2) + std::string(60'000, 'x'));
  }
  EXPECT_EQ(
      ErrorOf(jpeg),
      "'a.img': is refused: decoding this JPEG takes up to 549.3 MiB of memory; a file of its "
      "size gets 512.0 MiB; scale it down, or save it as an ordinary JPEG or PNG");
}

// PNG

std::string Chunk(const std::string& name, const std::string& data) {
  return Big(data.size(), 4) + name + data +
         "\0\0\0\0"s;  // libpng reads over wrong checksums of texts
}

TEST(ImageLimitsTest, APngOfTwoSizes) {
  std::string png = Encoded(".png");
  const std::string header = png.substr(8, 25);
  std::string twice = png;
  twice.insert(33, header);
  EXPECT_EQ(ErrorOf(twice), "'a.img': is damaged: a PNG that says twice how large it is");
  std::string late = png;
  late.insert(8, Chunk("tEXt", "a\0IHDRxxxxxxxxxxxxxxx"s));
  EXPECT_EQ(ErrorOf(late), "'a.img': is damaged: a PNG that does not say first how large it is");
}

TEST(ImageLimitsTest, LibpngUnpacksNoTexts) {
  std::string png = Encoded(".png");
  EXPECT_TRUE(WithoutTexts(std::as_bytes(std::span(png))).empty());
  const std::string plain = png;
  for (const char* name : {"zTXt", "iCCP", "iTXt", "tEXt"})
    png.insert(33, Chunk(name, std::string(5000, 'x')));
  png.insert(33, Chunk("tRNS", "\0\1\0\2\0\3"s));
  const std::vector<std::byte> kept = WithoutTexts(std::as_bytes(std::span(png)));
  EXPECT_EQ(kept.size(), plain.size() + 18);
  const Image image = Decode(png);
  EXPECT_EQ(image.data()[0], 255);
  EXPECT_EQ(image.data()[2], 100);
}

// TIFF

struct Entry {
  int tag;
  int type;
  std::vector<std::uint64_t> values;
};

// A grey picture of `entries` beside the usual ones, whose tags they may repeat; 8 by 8 pixels
// stored as they are.
std::string Tiff(const std::vector<Entry>& entries, const std::vector<int>& without = {}) {
  std::vector<Entry> all = {{256, 4, {8}}, {257, 4, {8}}, {258, 3, {8}},
                            {259, 3, {1}}, {262, 3, {1}}, {273, 4, {8}},
                            {277, 3, {1}}, {278, 4, {8}}, {279, 4, {64}}};
  std::erase_if(all, [&](const Entry& each) {
    return std::find(without.begin(), without.end(), each.tag) != without.end();
  });
  all.insert(all.end(), entries.begin(), entries.end());
  std::stable_sort(all.begin(), all.end(),
                   [](const Entry& a, const Entry& b) { return a.tag < b.tag; });
  const std::size_t directory = 8 + 64;
  const std::size_t spill_at = directory + 2 + 12 * all.size() + 4;
  std::string text = "II*\0"s + Little(directory, 4) + std::string(64, 'x') + Little(all.size(), 2);
  std::string spill;
  for (const Entry& each : all) {
    const int size = each.type == 1 ? 1 : each.type == 3 ? 2 : each.type == 4 ? 4 : 8;
    std::string values;
    for (const std::uint64_t value : each.values) values += Little(value, size);
    text += Little(static_cast<std::uint64_t>(each.tag), 2) +
            Little(static_cast<std::uint64_t>(each.type), 2) + Little(each.values.size(), 4);
    if (values.size() > 4) {
      text += Little(spill_at + spill.size(), 4);
      spill += values;
    } else {
      values.resize(4);
      text += values;
    }
  }
  return text + std::string(4, '\0') + spill;
}

TEST(ImageLimitsTest, AnOrdinaryTiffIsRead) {
  EXPECT_EQ(ErrorOf(Tiff({})), "no error");
  EXPECT_EQ(Decode(Tiff({})).data()[0], 'x');
}

TEST(ImageLimitsTest, ATiffOfTwoSizes) {
  EXPECT_EQ(ErrorOf(Tiff({{256, 3, {16}}})),
            "'a.img': is damaged: its TIFF directory has the tag 256 twice");
  EXPECT_EQ(
      ErrorOf(Tiff({{256, 16, {30000}}}, {256})),
      "'a.img': is refused: tag 256 of its TIFF directory is no whole number of up to 32 bits");
}

TEST(ImageLimitsTest, StripsThatShareTheirBytes) {
  const std::vector<std::uint64_t> offsets(8, 8);
  EXPECT_EQ(
      ErrorOf(Tiff({{273, 4, offsets}, {278, 4, {1}}, {279, 4, std::vector<std::uint64_t>(8, 64)}},
                   {273, 278, 279})),
      "'a.img': is refused: its strips or tiles are larger together than the file");
  EXPECT_EQ(
      ErrorOf(Tiff({{259, 3, {8}}, {273, 4, offsets}, {278, 4, {1}}}, {259, 273, 278, 279})),
      "'a.img': is damaged: its TIFF directory does not say how large its strips or tiles are");
}

TEST(ImageLimitsTest, TilesThatAreLargerThanThePicture) {
  const auto tiles = [](std::uint64_t side) {
    return Tiff({{322, 4, {side}}, {323, 4, {side}}, {324, 4, {8}}, {325, 4, {64}}},
                {273, 278, 279});
  };
  EXPECT_EQ(ErrorOf(tiles(std::uint64_t{1} << 20)),
            "'a.img': is refused: a TIFF of strips or tiles of 1048576x1048576 pixels");
  EXPECT_EQ(ErrorOf(tiles(16384)),
            "'a.img': is refused: decoding this TIFF takes up to 2.0 GiB of memory; a file of its "
            "size gets 512.0 MiB; scale it down, or save it as an ordinary JPEG or PNG");
  EXPECT_EQ(ErrorOf(Tiff({{278, 4, {1'000'000}}, {256, 3, {1000}}}, {256, 278})),
            "'a.img': is refused: decoding this TIFF takes up to 7.5 GiB of memory; a file of its "
            "size gets 512.0 MiB; scale it down, or save it as an ordinary JPEG or PNG");
}

TEST(ImageLimitsTest, ATiffOfManySamples) {
  EXPECT_EQ(
      ErrorOf(Tiff({{277, 3, {65535}}}, {277})),
      "'a.img': is refused: a TIFF of 65535 samples a pixel and 8 bits a sample; up to 4 and 64 "
      "are read");
}

// The others

TEST(ImageLimitsTest, AWebpOfOneColor) {
  // 16384 x 16384 pixels, codes of no bits: the whole picture.
  std::string data = "\x2F"s + Little(16383 | 16383U << 14, 4) + "\x88\x88\x08"s;
  data.resize(12);
  const std::string webp =
      "RIFF" + Little(12 + data.size(), 4) + "WEBPVP8L" + Little(data.size(), 4) + data;
  EXPECT_EQ(
      ErrorOf(webp),
      "'a.img': claims 16384x16384 pixels in 32 bytes; of a file that small at most 33554432 are "
      "read; scale it down, or save it with less compression");
  std::string odd = webp;
  odd.replace(12, 4, "ALPH");
  EXPECT_EQ(ErrorOf(odd), "'a.img': is damaged: a WebP that does not begin with a picture");
}

// OpenCV ends comments there, too.
TEST(ImageLimitsTest, CommentsEndAtReturns) {
  EXPECT_EQ(ErrorOf("P6 #\r30000 30000 255 #\n16 16 255\n" + std::string(768, 'x')),
            "'a.img': claims 30000x30000 pixels; at most 268435456 are read");
}

std::string Segment(std::uint64_t marker, const std::string& data) {
  return Big(marker, 2) + Big(data.size() + 2, 2) + data;
}

std::string CodeStream(std::uint64_t side, std::uint64_t components, const std::string& coding,
                       const std::string& quantization = "\x40\x48\x48\x50"s) {
  std::string size = Big(0, 2) + Big(side, 4) + Big(side, 4) + Big(0, 8) + Big(side, 4) +
                     Big(side, 4) + Big(0, 8) + Big(components, 2);
  for (std::uint64_t i = 0; i < components; ++i) size += "\x07\x01\x01";
  return "\xFF\x4F"s + Segment(0xFF51, size) + Segment(0xFF52, coding) +
         Segment(0xFF5C, quantization) + "\xFF\xD9";
}

std::string Box(const std::string& name, const std::string& data) {
  return Big(8 + data.size(), 4) + name + data;
}

const std::string kUsualCoding = "\0\0\0\1\0\5\4\4\0\1"s;

TEST(ImageLimitsTest, TheCodeStreamSaysHowLargeAJpeg2000Is) {
  const std::string decoy = Box("free", Box("ihdr", Big(16, 4) + Big(16, 4) + "\0\3\7\7\0\0"s));
  EXPECT_EQ(ErrorOf(Box("jP  ", "\r\n\x87\n") + Box("ftyp", "jp2 \0\0\0\0jp2 "s) + decoy +
                    Box("jp2c", CodeStream(30000, 3, kUsualCoding))),
            "'a.img': claims 30000x30000 pixels; at most 268435456 are read");
}

std::int64_t PassesOf(const std::string& bytes) {
  return ReadImageHeader(std::as_bytes(std::span(bytes)), "a").passes;
}

TEST(ImageLimitsTest, BitPlanesOfAJpeg2000) {
  const std::string whole = "\0\0\0\1\0\0\4\4\0\1"s;  // not divided into levels
  EXPECT_EQ(
      ErrorOf(CodeStream(5120, 3, whole, "\x40\xE8"s)),
      "'a.img': is refused: decoding this JPEG 2000 takes up to the work of 1350 passes over "
      "5120x5120 pixels; a file of its size gets 163; scale it down, or save it as an ordinary "
      "JPEG or PNG");
  // 9, 10, 10 and 11 planes of 25, 28, 28 and 31 passes, and 2 of the transform.
  const std::string one_level = "\0\0\0\1\0\1\4\4\0\1"s;
  EXPECT_EQ(PassesOf(CodeStream(64, 1, one_level, "\x40\x40\x48\x48\x50"s)), 30 * 5);
  // The same step for all: a plane less for each level.
  EXPECT_EQ(PassesOf(CodeStream(64, 1, one_level, "\x41\x50\0"s)), 33 * 5);
}

// 24 megapixels of three colors at half a bit, and of 8 bits a color as OpenCV writes them.
TEST(ImageLimitsTest, PhotosAsJpeg2000AreRead) {
  const cv::Mat picture(600, 800, CV_8UC3, cv::Scalar(255, 0, 100));
  std::vector<std::uint8_t> bytes;
  for (const int ratio : {1000, 50}) {
    cv::imencode(".jp2", picture, bytes, {cv::IMWRITE_JPEG2000_COMPRESSION_X1000, ratio});
    const ImageHeader header = ReadImageHeader(std::as_bytes(std::span(bytes)), "a");
    constexpr std::int64_t kPixels = 6000 * 4000;
    EXPECT_NO_THROW(CheckWork({"", 6000, 4000, header.passes}, kPixels / 16, "a"));
  }
}

TEST(ImageLimitsTest, AJpeg2000OfManyPieces) {
  EXPECT_EQ(ErrorOf(CodeStream(64, 16384, kUsualCoding)),
            "'a.img': is refused: a JPEG 2000 of 16384 color components; up to 4 are read");
  // Precincts of one pixel, each with its own description.
  EXPECT_EQ(
      ErrorOf(CodeStream(2048, 3, "\1\0\0\1\0\1\4\4\0\1\0\0"s)),
      "'a.img': is refused: decoding this JPEG 2000 takes up to 6.1 GiB of memory; a file of its "
      "size gets 512.0 MiB; scale it down, or save it as an ordinary JPEG or PNG");
  EXPECT_EQ(ErrorOf(CodeStream(64, 3, "\0\0\0\1\0\x21\4\4\0\1"s)),
            "'a.img': is damaged: a JPEG 2000 of impossible coding");
}

}  // namespace
}  // namespace yoloport::image
