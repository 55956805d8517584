#include "image_files.h"

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>

#include <optional>

#include "arrays.h"
#include "yoloport/error.h"

namespace nb = nanobind;
using nb::literals::operator""_a;

namespace yoloport::python {
namespace {

// Nothing for other formats, and for a JPEG of a rare kind: the module that reads these is not in
// the package.
std::optional<Image> DecodeJpeg(const EncodedImage& encoded, const std::filesystem::path& path,
                                Orientation orientation) {
  if (encoded.format != "JPEG") return std::nullopt;
  try {
    return DecodeImage(encoded.bytes, path.native(), orientation);
  } catch (const RuntimeError&) {
    return std::nullopt;
  }
}

Pixels ReadToArray(const std::filesystem::path& path, bool upright, const Decoder& decoder) {
  Image image;
  {
    const nb::gil_scoped_release no_gil;
    image = ReadFile(path, upright ? Orientation::kUpright : Orientation::kAsStored, decoder);
  }
  return ToArray(std::move(image));
}

void WriteArray(AnyArray array, const std::filesystem::path& path) {
  const Image image = ShareArray(std::move(array));
  const nb::gil_scoped_release no_gil;
  WriteImage(image, path);
}

}  // namespace

Image ReadFile(const std::filesystem::path& path, Orientation orientation, const Decoder& decoder) {
  const EncodedImage encoded = ReadEncodedImage(path);
  if (auto image = DecodeJpeg(encoded, path, orientation)) return std::move(*image);
  const nb::gil_scoped_acquire gil;
  const nb::bytes bytes(encoded.bytes.data(), encoded.bytes.size());
  const nb::str format(encoded.format.data(), encoded.format.size());
  return ShareArray(
      nb::cast<AnyArray>(decoder(path, bytes, format, orientation == Orientation::kUpright)));
}

void BindImageFiles(nb::module_& module) {
  module.def("read_image", &ReadToArray, "path"_a, "upright"_a, "decoder"_a);
  module.def("write_image", &WriteArray, "image"_a, "path"_a);
  module.def("can_write_image", &CanWriteImage, "path"_a);
}

}  // namespace yoloport::python
