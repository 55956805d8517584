#include "testing/files/checkpoint_files.h"

#include <gtest/gtest.h>
#include <libdeflate.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <memory>

#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "formats/zip/zip_format.h"
#include "yoloport/error.h"

namespace yoloport::test_support {
namespace {

std::string Deflate(const std::string& data) {
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> deflater(
      libdeflate_alloc_compressor(6), &libdeflate_free_compressor);
  std::string out(libdeflate_deflate_compress_bound(deflater.get(), data.size()), '\0');
  out.resize(libdeflate_deflate_compress(deflater.get(), data.data(), data.size(), out.data(),
                                         out.size()));
  return out;
}

std::uint32_t Crc(const std::string& data) { return libdeflate_crc32(0, data.data(), data.size()); }

std::string U16(std::uint64_t value) { return LittleEndian(static_cast<std::uint16_t>(value)); }
std::string U32(std::uint64_t value) { return LittleEndian(static_cast<std::uint32_t>(value)); }
std::string U64(std::uint64_t value) { return LittleEndian(value); }

// One entry on its way into the archive.
struct Placed {
  const ZipSpec* spec;
  std::string packed;
  std::uint32_t crc;
  std::uint64_t at;
};

std::string CommonFields(const Placed& placed, std::uint32_t crc, std::uint64_t packed_size,
                         std::uint64_t size, std::size_t name_size, std::size_t extra_size) {
  const ZipSpec& spec = *placed.spec;
  std::uint64_t method = spec.deflated ? formats::zip::kDeflated : formats::zip::kStored;
  if (spec.method != 0xFFFF) method = spec.method;
  const int flags = spec.flags | (spec.descriptor ? formats::zip::kHasDescriptor : 0);
  return U16(20) + U16(static_cast<std::uint64_t>(flags)) + U16(method) + U16(0) + U16(0) +
         U32(crc) + U32(packed_size) + U32(size) + U16(name_size) + U16(extra_size);
}

void WriteLocal(std::string& out, const Placed& placed) {
  const ZipSpec& spec = *placed.spec;
  const std::string& name = spec.local_name.empty() ? spec.name : spec.local_name;
  std::string extra;
  if (spec.zip64) extra = U16(1) + U16(16) + U64(spec.data.size()) + U64(placed.packed.size());
  while ((out.size() + formats::zip::kLocalSize + name.size() + extra.size()) %
             static_cast<std::size_t>(spec.pad_to) !=
         0) {
    const bool begins = extra.size() == (spec.zip64 ? 20U : 0U);
    extra += begins ? "FB" + U16(0) : "Z";  // as torch pads: one block of any length
    if (!begins) extra[spec.zip64 ? 22 : 2] = static_cast<char>(extra[spec.zip64 ? 22 : 2] + 1);
  }
  const bool later = spec.descriptor;
  const std::uint64_t size = spec.zip64 ? formats::zip::kIn64 : spec.data.size();
  const std::uint64_t packed = spec.zip64 ? formats::zip::kIn64 : placed.packed.size();
  out += U32(formats::zip::kLocalSignature) +
         CommonFields(placed, later ? 0 : placed.crc, later ? 0 : packed, later ? 0 : size,
                      name.size(), extra.size()) +
         name + extra + placed.packed;
  if (later) {
    out += U32(formats::zip::kDescriptorSignature) + U32(placed.crc) + U32(placed.packed.size()) +
           U32(spec.data.size());
  }
}

void WriteCentral(std::string& out, const Placed& placed) {
  const ZipSpec& spec = *placed.spec;
  const std::uint64_t size = spec.data.size() + static_cast<std::uint64_t>(spec.size_change);
  const std::uint64_t packed =
      placed.packed.size() + static_cast<std::uint64_t>(spec.packed_change);
  std::string extra;
  if (spec.zip64) {
    extra = U16(1) + U16(24) + U64(size) + U64(packed) + U64(placed.at);
    if (!spec.zip64_block.empty()) extra = spec.zip64_block;
  }
  out += U32(formats::zip::kCentralSignature) + U16(20) +
         CommonFields(placed, placed.crc, spec.zip64 ? formats::zip::kIn64 : packed,
                      spec.zip64 ? formats::zip::kIn64 : size, spec.name.size(), extra.size()) +
         U16(0) + U16(0) + U16(0) + U32(0) + U32(spec.zip64 ? formats::zip::kIn64 : placed.at) +
         spec.name + extra;
}

}  // namespace

std::string FloatBytes(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

PickleWriter& PickleWriter::Text(std::string_view text) {
  return Raw("X").Raw(U32(text.size())).Raw(text);
}

PickleWriter& PickleWriter::Int(std::int64_t number) {
  return Raw("\x8a\x08").Raw(LittleEndian(number));
}

PickleWriter& PickleWriter::Global(std::string_view module, std::string_view name) {
  return Raw("c").Raw(module).Raw("\n").Raw(name).Raw("\n");
}

PickleWriter& PickleWriter::IntTuple(const std::vector<std::int64_t>& numbers) {
  Raw("(");
  for (const std::int64_t number : numbers) Int(number);
  return Raw("t");
}

PickleWriter& PickleWriter::Storage(std::string_view storage_class, std::string_view key,
                                    std::int64_t elements, bool legacy) {
  Raw("(").Text("storage").Global("torch", storage_class).Text(key).Text("cpu").Int(elements);
  return Raw(legacy ? "NtQ" : "tQ");
}

PickleWriter& PickleWriter::Tensor(std::string_view storage_class, std::string_view key,
                                   std::int64_t elements, std::int64_t offset,
                                   const std::vector<std::int64_t>& shape,
                                   const std::vector<std::int64_t>& stride, bool legacy) {
  Global("torch._utils", "_rebuild_tensor_v2").Raw("(");
  Storage(storage_class, key, elements, legacy).Int(offset).IntTuple(shape).IntTuple(stride);
  return Raw("\x89").Global("collections", "OrderedDict").Raw(")RtR");
}

std::string ZipFile(const std::vector<ZipSpec>& entries, const ZipEnd& end) {
  std::string out;
  std::vector<Placed> placed;
  for (const ZipSpec& spec : entries) {
    const std::uint32_t crc = end.no_checksums ? 0 : Crc(spec.data) + spec.crc_change;
    placed.push_back({&spec, spec.deflated ? Deflate(spec.data) : spec.data, crc, out.size()});
    WriteLocal(out, placed.back());
  }
  const std::size_t directory_at = out.size();
  for (const Placed& each : placed) WriteCentral(out, each);
  const std::size_t directory_size = out.size() - directory_at;
  const std::uint64_t count = entries.size();
  if (end.zip64) {
    const std::size_t end64_at = out.size();
    out += U32(formats::zip::kEnd64Signature) + U64(44) + U16(45) + U16(45) + U32(0) + U32(0) +
           U64(count) + U64(count) + U64(directory_size) + U64(directory_at);
    out += U32(formats::zip::kLocator64Signature) + U32(0) + U64(end64_at) + U32(1);
  }
  out += U32(formats::zip::kEndSignature) + U16(0) + U16(0) + U16(end.zip64 ? 0xFFFF : count) +
         U16(end.zip64 ? 0xFFFF : count) + U32(end.zip64 ? formats::zip::kIn64 : directory_size) +
         U32(end.zip64 ? formats::zip::kIn64 : directory_at) + U16(end.comment.size()) +
         end.comment;
  return out;
}

std::vector<ZipSpec> TorchEntries(const std::string& pickle, const std::vector<StorageData>& data,
                                  const std::string& byteorder) {
  std::vector<ZipSpec> entries = {{.name = "top/data.pkl", .data = pickle},
                                  {.name = "top/byteorder", .data = byteorder}};
  for (const StorageData& storage : data) {
    entries.push_back({.name = "top/data/" + storage.key, .data = storage.bytes, .pad_to = 64});
  }
  entries.push_back({.name = "top/version", .data = "3\n"});
  return entries;
}

std::string TorchZip(const std::string& pickle, const std::vector<StorageData>& data) {
  return ZipFile(TorchEntries(pickle, data));
}

std::string TorchLegacy(const std::string& pickle, const std::vector<StorageData>& data,
                        std::size_t element_size) {
  std::string out = PickleWriter().Raw("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19").Done() +
                    PickleWriter().Raw("M\xe9\x03").Done() +
                    PickleWriter().Raw("}").Text("little_endian").Raw("\x88s").Done() + pickle;
  PickleWriter keys;
  keys.Raw("](");
  for (const StorageData& storage : data) keys.Text(storage.key);
  out += keys.Raw("e").Done();
  for (const StorageData& storage : data) {
    out += U64(storage.bytes.size() / element_size) + storage.bytes;
  }
  return out;
}

std::string SmallPickle(bool legacy) {
  PickleWriter writer;
  writer.Raw("}(").Text("meta").Raw("}(");
  writer.Text("epoch").Int(12).Text("iter").Int(3400).Text("cfg").Text("model = dict()\n");
  writer.Text("mmyolo_version").Text("0.6.0").Text("dataset_meta").Raw("}(");
  writer.Text("classes").Raw("(").Text("cat").Text("dog").Raw("t");
  writer.Text("palette").Raw("](").IntTuple({220, 20, 60}).IntTuple({0, 255, 1}).Raw("eu");
  writer.Raw("u").Text("state_dict").Global("collections", "OrderedDict").Raw(")R(");
  writer.Text("a.weight").Tensor("FloatStorage", "0", 6, 0, {2, 3}, {3, 1}, legacy);
  // In the legacy format one element size suits the writer above: float32 for both.
  writer.Text("a.bias").Tensor(legacy ? "FloatStorage" : "HalfStorage", "1", 2, 0, {2}, {1},
                               legacy);
  return writer.Raw("uu").Done();
}

std::vector<StorageData> SmallData() {
  return {{"0", FloatBytes({0, 1, 2, 3, 4, 5})}, {"1", std::string("\x00\x3c\x00\xc0", 4)}};
}

std::string TorchFloats(const std::vector<NamedFloats>& tensors) {
  PickleWriter writer;
  writer.Raw("}(");
  std::vector<StorageData> data;
  for (const NamedFloats& each : tensors) {
    std::vector<std::int64_t> stride(each.shape.size(), 1);
    for (std::size_t i = stride.size(); i-- > 1;) stride[i - 1] = stride[i] * each.shape[i];
    const std::string storage = std::to_string(data.size());
    const auto elements = static_cast<std::int64_t>(each.values.size());
    writer.Text(each.key).Tensor("FloatStorage", storage, elements, 0, each.shape, stride);
    data.push_back({storage, FloatBytes(each.values)});
  }
  return TorchZip(writer.Raw("u").Done(), data);
}

TemporaryFile::TemporaryFile(std::string_view contents, std::string_view name) {
  static std::atomic<int> counter{0};
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) /
      ("yoloport-" + std::to_string(::getpid()) + "-" + std::to_string(counter++));
  std::filesystem::create_directories(folder);
  path_ = folder / name;
  std::ofstream(path_, std::ios::binary) << contents;
}

TemporaryFile::~TemporaryFile() { std::filesystem::remove_all(path_.parent_path()); }

std::string ErrorOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const CheckpointError& error) {
    return error.what();
  }
  return "(no error)";
}

std::string OpenError(std::string_view contents) {
  const TemporaryFile file(contents);
  std::string error = ErrorOf([&] { checkpoint::Checkpoint::Open(file.path()); });
  const std::string prefix = base::Quote(file.path().native()) + ": ";
  if (error.starts_with(prefix)) error.erase(0, prefix.size());
  return error;
}

}  // namespace yoloport::test_support
