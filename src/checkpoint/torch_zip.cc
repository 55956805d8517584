// torch.save's zip archive: TOP/data.pkl, TOP/byteorder, TOP/version and one entry a storage,
// TOP/data/KEY.
#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "checkpoint/torch_file.h"
#include "formats/pickle/unpickler.h"
#include "formats/zip/zip.h"
#include "yoloport/error.h"

namespace yoloport::checkpoint {
namespace {

using base::Quote;
using formats::zip::ZipArchive;
using formats::zip::ZipBytes;
using formats::zip::ZipEntry;

constexpr const char* kDamagedHint = "the file is damaged: download or save it again";
constexpr std::string_view kPickleName = "data.pkl";

std::string_view Text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

[[noreturn]] void FailWithoutPickle(const ZipArchive& archive) {
  std::vector<std::string> names;
  for (const ZipEntry& entry : archive.entries()) {
    if (names.size() < 5) names.push_back(Quote(entry.name, 60));
    if (entry.name.ends_with(".pth") || entry.name.ends_with(".pt")) {
      throw CheckpointError("a zip archive around " + Quote(entry.name), "unpack it first");
    }
  }
  throw CheckpointError(
      "a zip archive, but not torch's: it has no data.pkl" +
          (names.empty() ? "" : ", its entries begin with " + base::JoinText(names)),
      "a file written by torch.save is needed");
}

// The folder of the one data.pkl, with its slash.
std::string_view FindTopFolder(const ZipArchive& archive) {
  const ZipEntry* found = nullptr;
  for (const ZipEntry& entry : archive.entries()) {
    const std::size_t slash = entry.name.rfind('/');
    const std::string_view base =
        slash == std::string_view::npos ? entry.name : entry.name.substr(slash + 1);
    if (base != kPickleName) continue;
    if (found != nullptr) {
      throw CheckpointError(
          "the archive has two pickles, " + Quote(found->name) + " and " + Quote(entry.name),
          kDamagedHint);
    }
    found = &entry;
  }
  if (found == nullptr) FailWithoutPickle(archive);
  return found->name.substr(0, found->name.size() - kPickleName.size());
}

void RefuseTorchScript(const ZipArchive& archive, std::string_view top) {
  const std::string constants = std::string(top) + "constants.pkl";
  const std::string code = std::string(top) + "code/";
  const bool script =
      archive.Find(constants) != nullptr ||
      std::any_of(archive.entries().begin(), archive.entries().end(),
                  [&](const ZipEntry& entry) { return entry.name.starts_with(code); });
  if (script) {
    throw CheckpointError("a TorchScript program, not a checkpoint",
                          "export from the checkpoint (.pth) that it was made from");
  }
}

// A small entry that is read anyway, and so checked at once.
ZipBytes ReadChecked(const ZipArchive& archive, const ZipEntry& entry) {
  ZipBytes read = archive.Read(entry);
  const auto crc = archive.Checksum(entry);
  if (crc && formats::zip::Crc32(read.bytes) != *crc) {
    throw CheckpointError("entry " + Quote(entry.name) +
                              ": its bytes do not have the checksum that the archive states",
                          "the file is damaged: download or copy it again");
  }
  return read;
}

bool IsBigEndian(const ZipArchive& archive, std::string_view top) {
  const ZipEntry* entry = archive.Find(std::string(top) + "byteorder");
  if (entry == nullptr) return false;
  const ZipBytes read = ReadChecked(archive, *entry);
  const std::string_view order = Text(read.bytes);
  if (order != "little" && order != "big") {
    throw CheckpointError("entry " + Quote(entry->name) + " says " + Quote(order, 20) +
                              " where 'little' or 'big' is expected",
                          kDamagedHint);
  }
  return order == "big";
}

ZipBytes SwapBytes(std::span<const std::byte> bytes, std::size_t element) {
  std::shared_ptr<std::byte[]> swapped(new std::byte[bytes.size() + 1]);
  for (std::size_t i = 0; i + element <= bytes.size(); i += element) {
    std::reverse_copy(bytes.data() + i, bytes.data() + i + element, swapped.get() + i);
  }
  return {{swapped.get(), bytes.size()}, swapped};
}

struct ZipStorages {
  std::shared_ptr<const base::MappedFile> file;
  ZipArchive archive;
  std::string folder;  // "TOP/data/"
  bool big_endian;

  std::shared_ptr<Storage> Load(const StorageId& id) const {
    const std::string name = folder + std::string(id.key);
    const ZipEntry* entry = archive.Find(name);
    if (entry == nullptr) {
      throw CheckpointError("its storage, entry " + Quote(name) + ", is not in the archive",
                            kDamagedHint);
    }
    const std::size_t element = tensor::ElementSize(id.dtype);
    if (entry->size % element != 0 ||
        entry->size / element != static_cast<std::uint64_t>(id.elements)) {
      throw CheckpointError("entry " + Quote(name) + " has " + std::to_string(entry->size) +
                                " bytes where " + std::to_string(id.elements) + " elements of " +
                                std::string(tensor::DTypeName(id.dtype)) + " are expected",
                            kDamagedHint);
    }
    const bool swap = big_endian && element > 1;
    const bool copied = swap || entry->method != 0;
    ZipBytes read = copied ? ReadChecked(archive, *entry) : archive.Read(*entry);
    if (swap) read = SwapBytes(read.bytes, element);
    std::shared_ptr<const void> owner = read.owner;
    if (owner == nullptr) owner = file;
    auto storage = std::make_shared<Storage>("entry " + Quote(name), id.dtype, read.bytes, owner);
    const auto crc = archive.Checksum(*entry);
    if (crc && !copied) storage->Expect(*crc);
    return storage;
  }
};

}  // namespace

TorchFile ReadTorchZip(const std::shared_ptr<const base::MappedFile>& file,
                       formats::pickle::PickleDocument& document, std::vector<std::string>& notes) {
  auto storages =
      std::make_shared<ZipStorages>(ZipStorages{file, ZipArchive(file->bytes()), {}, false});
  const ZipArchive& archive = storages->archive;
  const std::string_view top = FindTopFolder(archive);
  RefuseTorchScript(archive, top);
  storages->folder = std::string(top) + "data/";
  storages->big_endian = IsBigEndian(archive, top);
  if (storages->big_endian) notes.emplace_back("the file was written on a big-endian machine");
  if (!archive.has_checksums()) {
    notes.emplace_back("the file was written without checksums: damage cannot be noticed");
  }
  const ZipEntry& entry = *archive.Find(std::string(top) + std::string(kPickleName));
  const ZipBytes pickle = ReadChecked(archive, entry);
  formats::pickle::Unpickler unpickler(document, Text(pickle.bytes), 0,
                                       "entry " + Quote(entry.name) + ", ");
  const formats::pickle::Value& root = unpickler.Load();
  return {&root, [storages](const StorageId& id) { return storages->Load(id); }, pickle.owner};
}

}  // namespace yoloport::checkpoint
