// Reads many files and says what each holds, for the scripts that compare with Python's readers:
// one process, so that ten thousand small files take seconds.
//
//   yoloport_dump checkpoint|config|zip < LIST_OF_PATHS
//
// prints a line of JSON a file: {"error": TEXT}, or
//   checkpoint  {"tensors": [[KEY, DTYPE, SHAPE, SHA-256 of the dense bytes or null], ...]}
//   config      {"python": the config as a Python literal}
//   zip         {"entries": [[NAME, SIZE, CRC-32 of the unpacked bytes], ...]}
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/mapped_file.h"
#include "base/sha256.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/storage.h"
#include "config/config.h"
#include "formats/zip/zip.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

using Json = nlohmann::ordered_json;

Json DumpCheckpoint(const std::string& path) {
  Json tensors = Json::array();
  const checkpoint::Checkpoint checkpoint = checkpoint::Checkpoint::Open(path);
  for (const checkpoint::NamedTensor& entry : checkpoint.tensors()) {
    if (!entry.usable()) {
      tensors.push_back({entry.key, entry.problem, nullptr, nullptr});
      continue;
    }
    entry.storage->Verify();
    tensors.push_back({entry.key, tensor::DTypeName(entry.tensor.dtype()), entry.tensor.shape(),
                       base::Sha256Hex(entry.tensor.Dense().bytes())});
  }
  return {{"tensors", tensors}};
}

Json DumpConfig(const std::string& path) {
  return {{"python", config::Config::Load(path).ToPython()}};
}

Json DumpZip(const std::string& path) {
  Json entries = Json::array();
  const auto file = base::MappedFile::Open(path);
  const formats::zip::ZipArchive archive(file->bytes());
  for (const formats::zip::ZipEntry& entry : archive.entries()) {
    const formats::zip::ZipBytes read = archive.Read(entry);
    const std::uint32_t crc = formats::zip::Crc32(read.bytes);
    const auto expected = archive.Checksum(entry);
    if (expected && *expected != crc) throw CheckpointError("checksum");
    entries.push_back({std::string(entry.name), read.bytes.size(), crc});
  }
  return {{"entries", entries}};
}

int Main(std::string_view kind) {
  static const std::map<std::string_view, Json (*)(const std::string&)> kDumps = {
      {"checkpoint", DumpCheckpoint}, {"config", DumpConfig}, {"zip", DumpZip}};
  const auto dump = kDumps.find(kind);
  if (dump == kDumps.end()) return 2;
  for (std::string path; std::getline(std::cin, path);) {
    Json line;
    try {
      line = (dump->second)(path);
    } catch (const Error& error) {
      line = {{"error", error.message()}};
    }
    std::cout << line.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
  }
  return 0;
}

}  // namespace
}  // namespace yoloport

int main(int argc, char** argv) { return argc == 2 ? yoloport::Main(argv[1]) : 2; }
