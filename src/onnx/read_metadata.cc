// metadata_props straight from the wire format: a detector's file is tens of megabytes of weights
// and we want a few kilobytes behind them.
#include <array>
#include <span>

#include "base/byte_reader.h"
#include "base/mapped_file.h"
#include "base/text.h"
#include "onnx/metadata.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

// Protocol buffers' wire types, and the numbers of the ModelProto fields that matter here.
enum WireType : unsigned { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };
constexpr std::uint64_t kIrVersion = 1;
constexpr std::uint64_t kGraph = 7;
constexpr std::uint64_t kMetadataProps = 14;
constexpr std::uint64_t kLastField = 26;  // ONNX 1.19 ends at 26 (configuration)
constexpr std::uint64_t kKey = 1;         // of StringStringEntryProto
constexpr std::uint64_t kValue = 2;

struct Field {
  std::uint64_t number = 0;
  WireType type = kVarint;
  std::string_view bytes;  // of a length-delimited field
};

bool ReadVarint(ByteReader& reader, std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    std::uint8_t byte = 0;
    if (!reader.Read(byte)) return false;
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if ((byte & 0x80U) == 0) return true;
  }
  return false;
}

// The next field. False when the bytes end in it or its wire type is none that ONNX uses.
bool ReadField(ByteReader& reader, Field& field) {
  std::uint64_t tag = 0;
  if (!ReadVarint(reader, tag)) return false;
  field.number = tag >> 3;
  field.type = static_cast<WireType>(tag & 7);
  field.bytes = {};
  std::uint64_t length = 0;
  switch (field.type) {
    case kVarint:
      return ReadVarint(reader, length);
    case kFixed64:
      return reader.ReadText(8, field.bytes);
    case kLengthDelimited:
      return ReadVarint(reader, length) && reader.ReadText(length, field.bytes);
    case kFixed32:
      return reader.ReadText(4, field.bytes);
  }
  return false;
}

struct Magic {
  std::string_view bytes;
  const char* what;
};
constexpr std::array<Magic, 8> kMagics = {{
    {"PK\x03\x04", "it looks like a zip archive, such as a .pth checkpoint"},
    {"\x80\x02", "it looks like a pickle, such as a .pth checkpoint"},
    {"\x89PNG", "it looks like a PNG image"},
    {"\xFF\xD8\xFF", "it looks like a JPEG image"},
    {"version https://git-lfs", "it is a git-lfs pointer; run 'git lfs pull'"},
    {"<", "it looks like a web page or XML"},
    {"{", "it looks like JSON"},
    {"ftrt", "it looks like a TensorRT engine"},
}};

[[noreturn]] void FailNotOnnx(const MappedFile& file) {
  const std::string name = Quote(file.path().native());
  if (file.bytes().empty()) throw ModelError(name + ": is not an ONNX file: it is empty");
  for (const Magic& magic : kMagics) {
    if (file.text().starts_with(magic.bytes)) {
      throw ModelError(name + ": is not an ONNX file: " + magic.what);
    }
  }
  throw ModelError(name + ": is not an ONNX file");
}

std::pair<std::string, std::string> ReadEntry(const MappedFile& file, std::string_view bytes) {
  ByteReader reader(std::as_bytes(std::span(bytes)));
  std::pair<std::string, std::string> entry;
  while (reader.remaining() > 0) {
    Field field;
    if (!ReadField(reader, field)) {
      throw ModelError(Quote(file.path().native()) + ": has a broken metadata_props entry");
    }
    if (field.number == kKey) entry.first = field.bytes;
    if (field.number == kValue) entry.second = field.bytes;
  }
  return entry;
}

}  // namespace

std::map<std::string, std::string> ReadOnnxMetadata(const std::filesystem::path& path) {
  const auto file = MappedFile::Open(path);
  ByteReader reader(file->bytes());
  std::map<std::string, std::string> metadata;
  bool has_version = false;
  bool has_graph = false;
  while (reader.remaining() > 0) {
    const std::size_t start = reader.position();
    Field field;
    const bool read = ReadField(reader, field);
    // Any bytes may happen to start like a field; what began as ONNX and breaks later is
    // incomplete.
    if (!read && has_version && field.number <= kLastField) {
      throw ModelError(Quote(path.native()) + ": ends in the middle of the field at byte " +
                           std::to_string(start),
                       "the file is incomplete; export or download it again");
    }
    if (!read || field.number == 0 || field.number > kLastField) FailNotOnnx(*file);
    has_version |= field.number == kIrVersion && field.type == kVarint;
    has_graph |= field.number == kGraph && field.type == kLengthDelimited;
    if (field.number == kMetadataProps && field.type == kLengthDelimited) {
      auto [key, value] = ReadEntry(*file, field.bytes);
      metadata.insert_or_assign(std::move(key), std::move(value));
    }
  }
  if (!has_version || !has_graph) FailNotOnnx(*file);
  return metadata;
}

}  // namespace yoloport
