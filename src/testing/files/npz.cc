#include "testing/files/npz.h"

#include <array>
#include <cstring>
#include <utility>

#include "base/byte_reader.h"
#include "base/mapped_file.h"
#include "base/text.h"
#include "formats/zip/zip.h"
#include "yoloport/error.h"

namespace yoloport::test_support {
namespace {

using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

constexpr std::array<std::pair<std::string_view, DType>, 8> kTypes = {{{"<f4", DType::kFloat32},
                                                                       {"<f8", DType::kFloat64},
                                                                       {"<f2", DType::kFloat16},
                                                                       {"<i4", DType::kInt32},
                                                                       {"<i8", DType::kInt64},
                                                                       {"|u1", DType::kUInt8},
                                                                       {"|i1", DType::kInt8},
                                                                       {"|b1", DType::kBool}}};

// What stands between `before` and `after` in the header, which is the text of a Python dict.
std::string_view Between(std::string_view header, std::string_view before, std::string_view after) {
  const std::size_t begin = header.find(before);
  if (begin == std::string_view::npos) throw Error("npy header without " + base::Quote(before));
  header.remove_prefix(begin + before.size());
  return header.substr(0, header.find(after));
}

Shape ParseShape(std::string_view text) {
  Shape shape;
  std::int64_t extent = -1;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      extent = std::max<std::int64_t>(extent, 0) * 10 + (c - '0');
    } else if (extent >= 0) {
      shape.push_back(std::exchange(extent, -1));
    }
  }
  if (extent >= 0) shape.push_back(extent);
  return shape;
}

// The format: magic "\x93NUMPY", version, header length (2 bytes in version 1, else 4), header,
// elements.
Tensor ParseNpy(std::span<const std::byte> bytes, std::shared_ptr<const void> owner) {
  base::ByteReader reader(bytes);
  std::string_view magic;
  std::uint8_t major = 0;
  std::uint8_t minor = 0;
  if (!reader.ReadText(6, magic) || magic != "\x93NUMPY" || !reader.Read(major) ||
      !reader.Read(minor)) {
    throw Error("no npy data");
  }
  std::uint16_t short_length = 0;
  std::uint32_t length = 0;
  const bool ok = major == 1 ? reader.Read(short_length) : reader.Read(length);
  std::string_view header;
  if (!ok || !reader.ReadText(major == 1 ? short_length : length, header))
    throw Error("npy header cut off");
  if (Between(header, "'fortran_order': ", ",") != "False")
    throw Error("npy data in Fortran order");
  const std::string_view type = Between(header, "'descr': '", "'");
  const Shape shape = ParseShape(Between(header, "'shape': (", ")"));
  for (const auto& [name, dtype] : kTypes) {
    if (name != type) continue;
    std::span<const std::byte> elements;
    const auto size =
        static_cast<std::uint64_t>(tensor::ElementCount(shape)) * tensor::ElementSize(dtype);
    if (!reader.ReadBytes(size, elements)) throw Error("npy data cut off");
    return Tensor(dtype, shape, std::move(owner), elements.data()).Dense();
  }
  throw Error("npy element type " + base::Quote(type) + " is not known");
}

}  // namespace

std::map<std::string, Tensor> ReadNpz(const std::filesystem::path& path) {
  const auto file = base::MappedFile::Open(path);
  const formats::zip::ZipArchive archive(file->bytes());
  std::map<std::string, Tensor> arrays;
  for (const formats::zip::ZipEntry& entry : archive.entries()) {
    const formats::zip::ZipBytes unpacked = archive.Read(entry);
    std::string name(entry.name);
    if (name.ends_with(".npy")) name.resize(name.size() - 4);
    std::shared_ptr<const void> owner = unpacked.owner;
    if (!owner) owner = file;
    arrays[name] = ParseNpy(unpacked.bytes, std::move(owner));
  }
  return arrays;
}

}  // namespace yoloport::test_support
