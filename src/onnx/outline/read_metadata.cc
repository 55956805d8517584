// metadata_props straight from the wire format: a detector's file is tens of megabytes of weights
// and we want a few kilobytes behind them.
#include "onnx/outline/read_metadata.h"

#include <array>

#include "base/byte_reader.h"
#include "base/git_lfs.h"
#include "base/mapped_file.h"
#include "base/text.h"
#include "onnx/wire/proto_fields.h"
#include "onnx/wire/wire.h"
#include "yoloport/error.h"

namespace yoloport::onnx::outline {
namespace {

using base::MappedFile;
using base::Quote;

struct Magic {
  std::string_view bytes;
  const char* what;
};
constexpr std::array<Magic, 7> kMagics = {{
    {"PK\x03\x04", "it looks like a zip archive, such as a .pth checkpoint"},
    {"\x80\x02", "it looks like a pickle, such as a .pth checkpoint"},
    {"\x89PNG", "it looks like a PNG image"},
    {"\xFF\xD8\xFF", "it looks like a JPEG image"},
    {"<", "it looks like a web page or XML"},
    {"{", "it looks like JSON"},
    {"ftrt", "it looks like a TensorRT engine"},
}};

[[noreturn]] void FailNotOnnx(const MappedFile& file) {
  const std::string name = Quote(file.path().native());
  if (file.bytes().empty()) throw ModelError(name + ": is not an ONNX file: it is empty");
  if (base::IsGitLfsPointer(file.text())) {
    throw ModelError(name + ": is not an ONNX file: it is a git-lfs pointer; run 'git lfs pull'");
  }
  for (const Magic& magic : kMagics) {
    if (file.text().starts_with(magic.bytes)) {
      throw ModelError(name + ": is not an ONNX file: " + magic.what);
    }
  }
  throw ModelError(name + ": is not an ONNX file");
}

std::pair<std::string, std::string> ReadEntry(const MappedFile& file, std::string_view bytes) {
  std::pair<std::string, std::string> entry;
  const bool whole = wire::ForEachField(bytes, [&](const wire::Field& field) {
    if (field.IsMessage(wire::entry_proto::kKey)) entry.first = field.bytes;
    if (field.IsMessage(wire::entry_proto::kValue)) entry.second = field.bytes;
  });
  if (!whole) throw ModelError(Quote(file.path().native()) + ": has a broken metadata_props entry");
  return entry;
}

}  // namespace

std::map<std::string, std::string> ReadOnnxMetadata(const std::filesystem::path& path) {
  return ReadOnnxMetadata(*MappedFile::Open(path));
}

std::map<std::string, std::string> ReadOnnxMetadata(const MappedFile& file) {
  base::ByteReader reader(file.bytes());
  std::map<std::string, std::string> metadata;
  bool has_version = false;
  bool has_graph = false;
  while (reader.remaining() > 0) {
    const std::size_t start = reader.position();
    wire::Field field;
    const bool read = wire::ReadField(reader, field);
    // Any bytes may happen to start like a field; what began as ONNX and breaks later is
    // incomplete.
    if (!read && has_version && field.number <= wire::model_proto::kLast) {
      throw ModelError(Quote(file.path().native()) + ": ends in the middle of the field at byte " +
                           std::to_string(start),
                       "the file is incomplete; export or download it again");
    }
    if (!read || field.number == 0 || field.number > wire::model_proto::kLast) FailNotOnnx(file);
    has_version |= field.number == wire::model_proto::kIrVersion && field.type == wire::kVarint;
    has_graph |= field.IsMessage(wire::model_proto::kGraph);
    if (field.IsMessage(wire::model_proto::kMetadataProps)) {
      auto [key, value] = ReadEntry(file, field.bytes);
      metadata.insert_or_assign(std::move(key), std::move(value));
    }
  }
  if (!has_version || !has_graph) FailNotOnnx(file);
  return metadata;
}

}  // namespace yoloport::onnx::outline
