// From the pickle of a whole network to its graph: the tree of modules, the source that knows it,
// its layers and head. The input is a pickle, whose storages are made as large as it says, or a
// whole file.
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "checkpoint/checkpoint.h"
#include "checkpoint/tensor_reader.h"
#include "checkpoint/weights.h"
#include "formats/pickle/unpickler.h"
#include "graph/graph.h"
#include "memory_file.h"
#include "sources/registry/registry.h"
#include "yoloport/error.h"

namespace {

using yoloport::checkpoint::StorageId;

constexpr std::uint64_t kMostBytes = 1 << 22;

template <typename T>
void Append(std::string& out, T number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

// Elements with which a network can be built to its end: 0, 1 .. where there are as many as a
// distribution has bins, else 8, which is a stride, too.
std::string ElementsOf(const StorageId& id) {
  constexpr std::array<std::uint16_t, 4> kHalves = {0, 0x3c00, 0x4000, 0x4200};  // 0 1 2 3
  constexpr std::uint16_t kEight = 0x4800;
  std::string out;
  for (std::int64_t i = 0; i < id.elements; ++i) {
    const bool is_bins = id.elements == 4;
    if (id.dtype == yoloport::tensor::DType::kFloat16) {
      Append(out, is_bins ? kHalves[static_cast<std::size_t>(i)] : kEight);
    } else if (id.dtype == yoloport::tensor::DType::kFloat32) {
      Append(out, is_bins ? static_cast<float>(i) : 8.0F);
    } else {
      out.append(yoloport::tensor::ElementSize(id.dtype), '\0');
    }
  }
  return out;
}

// The storages that a pickle names: elements by key.
std::map<std::string, std::string> StoragesOf(std::string_view pickle) {
  std::map<std::string, std::string> storages;
  yoloport::formats::pickle::PickleDocument document;
  yoloport::formats::pickle::Unpickler(document, pickle, 0, "").Load();
  std::uint64_t all = 0;
  for (const auto& value : document.values()) {
    if (value.kind != yoloport::formats::pickle::ValueKind::kPersistent) continue;
    std::string problem;
    const auto id = yoloport::checkpoint::ReadStorageId(value, problem);
    if (!id || static_cast<std::uint64_t>(id->elements) > kMostBytes) continue;
    const std::uint64_t bytes =
        static_cast<std::uint64_t>(id->elements) * yoloport::tensor::ElementSize(id->dtype);
    if (storages.contains(std::string(id->key))) continue;
    all += bytes;
    if (all > kMostBytes) throw yoloport::CheckpointError("too much for a test");
    storages.emplace(id->key, ElementsOf(*id));
  }
  return storages;
}

// An archive whose entries are stored, all without a checksum.
class Archive {
 public:
  void Add(const std::string& name, std::string_view data) {
    const std::size_t at = bytes_.size();
    bytes_ += "PK\3\4";
    AppendCommon(bytes_, name, data);
    Append<std::uint16_t>(bytes_, 0);  // extra fields
    bytes_ += name;
    bytes_ += data;
    directory_ += "PK\1\2";
    Append<std::uint16_t>(directory_, 20);
    AppendCommon(directory_, name, data);
    directory_ += std::string(12, '\0');
    Append(directory_, static_cast<std::uint32_t>(at));
    directory_ += name;
    ++count_;
  }

  std::string Done() const {
    std::string end("PK\5\6\0\0\0\0", 8);
    Append(end, count_);
    Append(end, count_);
    Append(end, static_cast<std::uint32_t>(directory_.size()));
    Append(end, static_cast<std::uint32_t>(bytes_.size()));
    Append<std::uint16_t>(end, 0);
    return bytes_ + directory_ + end;
  }

 private:
  static void AppendCommon(std::string& out, const std::string& name, std::string_view data) {
    Append<std::uint16_t>(out, 20);
    out += std::string(12, '\0');  // flags, method, time, checksum
    Append(out, static_cast<std::uint32_t>(data.size()));
    Append(out, static_cast<std::uint32_t>(data.size()));
    Append(out, static_cast<std::uint16_t>(name.size()));
  }

  std::string bytes_;
  std::string directory_;
  std::uint16_t count_ = 0;
};

std::string FileOf(std::string_view pickle) {
  Archive archive;
  archive.Add("top/data.pkl", pickle);
  for (const auto& [key, elements] : StoragesOf(pickle)) archive.Add("top/data/" + key, elements);
  return archive.Done();
}

void Build(const std::filesystem::path& path) {
  const auto checkpoint = yoloport::checkpoint::Checkpoint::Open(path);
  if (checkpoint.modules() == nullptr) return;
  yoloport::ExportOptions options;
  options.checkpoint = path;
  std::vector<std::string> notes;
  yoloport::sources::registry::OriginOf(checkpoint);
  const auto source = yoloport::sources::registry::OpenSource(options, checkpoint, notes);
  source->Detector();
  source->ClassNames(0);
  source->TestSize(false);
  source->PreprocessFor({64, 64, false, source->LargestStride()});
  for (const auto& mode :
       {yoloport::graph::kRawHead,
        yoloport::graph::HeadMode(yoloport::graph::HeadLayout::kPositionsLast)}) {
    yoloport::graph::Graph graph(13);
    const auto image = graph.Input("images", yoloport::tensor::DType::kFloat32, {1, 3, 64, 64});
    const yoloport::checkpoint::Weights weights(checkpoint);
    source->Build(weights, image, mode);
    weights.Finish();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::string contents = input.starts_with("PK") ? std::string(input) : FileOf(input);
    const yoloport::fuzz::MemoryFile file(reinterpret_cast<const std::uint8_t*>(contents.data()),
                                          contents.size());
    if (!file.whole()) return -1;
    Build(file.path());
  } catch (const yoloport::Error&) {
    // Expected of malformed input.
  }
  return 0;
}
