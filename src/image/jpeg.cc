#include "image/jpeg.h"

// libjpeg's header uses FILE without including it.
#include <jpeglib.h>
// Its codes of warnings.
#include <jerror.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <new>
#include <opencv2/core.hpp>
#include <vector>

#include "image/exif.h"
#include "image/mat.h"

namespace yoloport::image {
namespace {

struct Errors {
  jpeg_error_mgr base;  // the first member: libjpeg gives back its address
  std::jmp_buf back;
};

void JumpBack(j_common_ptr info) { std::longjmp(reinterpret_cast<Errors*>(info->err)->back, 1); }
void PrintNothing(j_common_ptr /*info*/) {}

// Of the warnings only this one is counted. Others are about what every decoder reads alike.
void CountEarlyEnds(j_common_ptr info, int /*level*/) {
  if (info->err->msg_code == JWRN_HIT_MARKER) ++info->err->num_warnings;
}

jpeg_error_mgr* Prepare(Errors& errors) {
  jpeg_std_error(&errors.base);
  errors.base.error_exit = JumpBack;
  errors.base.output_message = PrintNothing;
  errors.base.emit_message = CountEarlyEnds;
  return &errors.base;
}

// What `steps` gives, or false as soon as libjpeg meets an error: it then jumps back here, out of
// the middle of `steps`, in which therefore nothing may have a destructor.
template <typename Steps>
bool Try(Errors& errors, const Steps& steps) {
  if (setjmp(errors.back) != 0) return false;
  return steps();
}

// Rows that libjpeg is given at a time; it takes as many of them as suit it.
using Rows = std::array<JSAMPROW, 16>;

class Decoder {
 public:
  explicit Decoder(std::span<const std::byte> bytes) {
    info_.err = Prepare(errors_);
    source_.next_input_byte = reinterpret_cast<const JOCTET*>(bytes.data());
    source_.bytes_in_buffer = bytes.size();
    source_.init_source = [](j_decompress_ptr) {};
    // There is no more. OpenCV, too, stops there, where libjpeg's own reader makes up an end.
    source_.fill_input_buffer = [](j_decompress_ptr) -> boolean { return FALSE; };
    source_.skip_input_data = [](j_decompress_ptr info, long count) {
      const std::size_t skipped =
          std::min(info->src->bytes_in_buffer, static_cast<std::size_t>(std::max(0L, count)));
      info->src->next_input_byte += skipped;
      info->src->bytes_in_buffer -= skipped;
    };
    source_.resync_to_restart = jpeg_resync_to_restart;
    source_.term_source = [](j_decompress_ptr) {};
  }
  ~Decoder() { jpeg_destroy_decompress(&info_); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // False: damaged.
  bool ReadHeader() {
    return Try(errors_, [this] {
      jpeg_create_decompress(&info_);
      info_.src = &source_;
      jpeg_save_markers(&info_, JPEG_APP0 + 1, 0xFFFF);
      return jpeg_read_header(&info_, TRUE) == JPEG_HEADER_OK;
    });
  }

  // Whether it is of a kind that this file decodes as OpenCV does.
  bool IsOrdinary() const {
    const bool is_grey = info_.jpeg_color_space == JCS_GRAYSCALE;
    const bool has_colour =
        info_.jpeg_color_space == JCS_YCbCr || info_.jpeg_color_space == JCS_RGB;
    // Frames of Motion JPEG have no tables; OpenCV adds them. Arithmetic codes need none.
    const bool has_tables = info_.arith_code != FALSE || info_.dc_huff_tbl_ptrs[0] != nullptr ||
                            info_.dc_huff_tbl_ptrs[1] != nullptr ||
                            info_.ac_huff_tbl_ptrs[0] != nullptr ||
                            info_.ac_huff_tbl_ptrs[1] != nullptr;
    return (is_grey || has_colour || IsForPrint()) && has_tables;
  }

  // Cyan, magenta, yellow and black.
  bool IsForPrint() const {
    return info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK;
  }

  // Of what has been read of it.
  bool IsIncomplete() const { return errors_.base.num_warnings > 0; }

  int width() const { return static_cast<int>(info_.image_width); }
  int height() const { return static_cast<int>(info_.image_height); }

  // As ExifOrientation().
  std::optional<int> ExifTurn() const {
    constexpr std::size_t kNameSize = 6;  // "Exif\0\0", which OpenCV takes for granted
    const jpeg_saved_marker_ptr exif = info_.marker_list;
    if (exif == nullptr || exif->data_length <= kNameSize) return 1;
    return ExifOrientation(
        std::as_bytes(std::span(exif->data, exif->data_length)).subspan(kNameSize));
  }

  // Rows of blue, green, red. False: damaged, or the data end in the middle.
  bool ReadRows(cv::Mat& pixels) {
    if (IsForPrint()) return ReadPrint(pixels);
    return Try(errors_, [this, &pixels] {
      info_.out_color_space = JCS_EXT_BGR;
      if (jpeg_start_decompress(&info_) == FALSE) return false;
      while (info_.output_scanline < info_.output_height) {
        Rows rows;
        const auto first = static_cast<int>(info_.output_scanline);
        const int count = std::min(static_cast<int>(rows.size()), pixels.rows - first);
        for (int i = 0; i < count; ++i) rows[static_cast<std::size_t>(i)] = pixels.ptr(first + i);
        if (jpeg_read_scanlines(&info_, rows.data(), static_cast<JDIMENSION>(count)) == 0) {
          return false;
        }
      }
      return true;
    });
  }

  // Reads what is there, for IsIncomplete() alone: its colours as they are stored.
  void SkipRows() {
    std::vector<JSAMPLE> row(static_cast<std::size_t>(info_.image_width) *
                             static_cast<std::size_t>(info_.num_components));
    Try(errors_, [this, &row] {
      info_.out_color_space = info_.jpeg_color_space;
      if (jpeg_start_decompress(&info_) == FALSE) return false;
      JSAMPROW rows[] = {row.data()};
      while (info_.output_scanline < info_.output_height) {
        if (jpeg_read_scanlines(&info_, rows, 1) == 0) return false;
      }
      return true;
    });
  }

 private:
  // Programs for print store inverted inks: how much light each leaves.
  bool ReadPrint(cv::Mat& pixels) {
    std::vector<JSAMPLE> inks(4 * static_cast<std::size_t>(info_.image_width));
    return Try(errors_, [this, &pixels, &inks] {
      info_.out_color_space = JCS_CMYK;
      if (jpeg_start_decompress(&info_) == FALSE) return false;
      JSAMPROW rows[] = {inks.data()};
      while (info_.output_scanline < info_.output_height) {
        std::uint8_t* to = pixels.ptr(static_cast<int>(info_.output_scanline));
        if (jpeg_read_scanlines(&info_, rows, 1) == 0) return false;
        for (std::size_t at = 0; at < inks.size(); at += 4, to += 3) {
          const int black = inks[at + 3];
          for (std::size_t i = 0; i < 3; ++i) {
            to[2 - i] = static_cast<std::uint8_t>(black - ((255 - inks[at + i]) * black >> 8));
          }
        }
      }
      return true;
    });
  }

  jpeg_decompress_struct info_ = {};
  jpeg_source_mgr source_ = {};
  Errors errors_ = {};
};

// As a camera that was held that way took it, to how it stood before it.
void TurnUpright(int orientation, cv::Mat& pixels) {
  constexpr int kUpsideDown = 0;
  constexpr int kMirrored = 1;
  constexpr int kBoth = -1;
  if (orientation >= 5) cv::transpose(pixels, pixels);
  if (orientation == 2 || orientation == 6) cv::flip(pixels, pixels, kMirrored);
  if (orientation == 3 || orientation == 7) cv::flip(pixels, pixels, kBoth);
  if (orientation == 4 || orientation == 8) cv::flip(pixels, pixels, kUpsideDown);
}

class Encoder {
 public:
  explicit Encoder(std::vector<std::byte>& encoded) : sink_{{}, encoded} {
    info_.err = Prepare(errors_);
    encoded.clear();
    if (!sink_.Grow()) throw std::bad_alloc();
    sink_.base.init_destination = [](j_compress_ptr) {};
    sink_.base.empty_output_buffer = [](j_compress_ptr info) -> boolean {
      return Sink::Of(info).Grow() ? TRUE : FALSE;
    };
    sink_.base.term_destination = [](j_compress_ptr info) {
      Sink& sink = Sink::Of(info);
      sink.encoded.resize(sink.encoded.size() - sink.base.free_in_buffer);
    };
  }
  ~Encoder() { jpeg_destroy_compress(&info_); }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  bool Encode(const ImageView& image, int quality) {
    return Try(errors_, [this, &image, quality] {
      jpeg_create_compress(&info_);
      info_.dest = &sink_.base;
      info_.image_width = static_cast<JDIMENSION>(image.width);
      info_.image_height = static_cast<JDIMENSION>(image.height);
      info_.input_components = image.channels;
      info_.in_color_space = image.channels == 1 ? JCS_GRAYSCALE : JCS_EXT_BGR;
      jpeg_set_defaults(&info_);
      jpeg_set_quality(&info_, quality, TRUE);
      jpeg_start_compress(&info_, TRUE);
      if (!WriteRows(image)) return false;
      jpeg_finish_compress(&info_);
      return true;
    });
  }

 private:
  // A vector that grows while libjpeg writes into it.
  struct Sink {
    jpeg_destination_mgr base;  // the first member: libjpeg gives back its address
    std::vector<std::byte>& encoded;

    static Sink& Of(j_compress_ptr info) { return *reinterpret_cast<Sink*>(info->dest); }

    // More room behind what is written. Exceptions must not pass through libjpeg.
    bool Grow() noexcept {
      constexpr std::size_t kFirst = 1 << 16;
      const std::size_t written = encoded.size();
      try {
        encoded.resize(std::max(kFirst, 2 * written));
      } catch (const std::bad_alloc&) {
        return false;
      }
      base.next_output_byte = reinterpret_cast<JOCTET*>(encoded.data() + written);
      base.free_in_buffer = encoded.size() - written;
      return true;
    }
  };

  bool WriteRows(const ImageView& image) {
    const std::size_t stride =
        image.stride != 0 ? image.stride : static_cast<std::size_t>(image.width * image.channels);
    while (info_.next_scanline < info_.image_height) {
      Rows rows;
      const JDIMENSION first = info_.next_scanline;
      const JDIMENSION count =
          std::min(static_cast<JDIMENSION>(rows.size()), info_.image_height - first);
      // libjpeg has no rows of const; it only reads them.
      auto* data = const_cast<std::uint8_t*>(image.data);
      for (JDIMENSION i = 0; i < count; ++i) rows.at(i) = data + stride * (first + i);
      if (jpeg_write_scanlines(&info_, rows.data(), count) == 0) return false;
    }
    return true;
  }

  jpeg_compress_struct info_ = {};
  Sink sink_;
  Errors errors_ = {};
};

}  // namespace

DecodedJpeg DecodeJpeg(std::span<const std::byte> bytes, Orientation wanted,
                       const CheckJpegExtent& check) {
  constexpr int kUprightAlready = 1;
  Decoder decoder(bytes);
  if (!decoder.ReadHeader()) return {};
  const std::optional<int> orientation =
      wanted == Orientation::kAsStored ? kUprightAlready : decoder.ExifTurn();
  const bool is_left = !orientation || !decoder.IsOrdinary();
  if (check) check(decoder.width(), decoder.height(), is_left);
  if (is_left) {
    decoder.SkipRows();
    return {std::nullopt, decoder.IsIncomplete()};
  }
  cv::Mat pixels(decoder.height(), decoder.width(), CV_8UC3);
  if (!decoder.ReadRows(pixels)) return {std::nullopt, decoder.IsIncomplete(), true};
  TurnUpright(*orientation, pixels);
  return {FromMat(std::move(pixels)), decoder.IsIncomplete()};
}

bool EncodeJpeg(const ImageView& image, int quality, std::vector<std::byte>& encoded) {
  return Encoder(encoded).Encode(image, quality);
}

}  // namespace yoloport::image
