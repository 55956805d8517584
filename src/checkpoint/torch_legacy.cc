// torch.save's format before torch 1.6: five pickles in a row - a magic number, the format's
// version, facts on the machine, the object, the keys of its storages - and then, for each key, the
// number of elements and the elements.
#include <map>

#include "base/byte_reader.h"
#include "base/text.h"
#include "checkpoint/limits.h"
#include "checkpoint/other_networks.h"
#include "checkpoint/torch_file.h"
#include "formats/pickle/pickle_globals.h"
#include "formats/pickle/unpickler.h"
#include "yoloport/error.h"

namespace yoloport::checkpoint {
namespace {

using base::Quote;
using formats::pickle::Describe;
using formats::pickle::PickleDocument;
using formats::pickle::Value;
using formats::pickle::ValueKind;

constexpr const char* kDamagedHint = "the file is damaged: download or save it again";
constexpr const char* kIncompleteHint = "the file is incomplete: download or copy it again";

// 0x1950a86a20f9469cfc6c, little-endian.
constexpr std::string_view kMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr std::int64_t kFormatVersion = 1001;

struct Extent {
  std::size_t at = 0;  // of the elements, in the file
  std::int64_t elements = 0;
  std::size_t element_size = 0;
};

// Ordered, as the keys are others'.
using Extents = std::map<std::string_view, Extent>;

// The storages that the object names: how large their elements are says only the object.
std::map<std::string_view, std::size_t> ElementSizes(const PickleDocument& document) {
  std::map<std::string_view, std::size_t> sizes;
  for (const Value& value : document.values()) {
    if (value.kind != ValueKind::kPersistent) continue;
    const std::vector<Value*>& id = value.items[0]->items;
    const bool storage = id.size() >= 5 && id[0]->is_text() && id[0]->text == "storage" &&
                         id[1]->kind == ValueKind::kGlobal && id[2]->is_text() &&
                         id[2]->text.size() <= kMaxStorageKeyLength;
    if (!storage) continue;
    const formats::pickle::KnownGlobal* known = id[1]->known;
    if (known == nullptr || known->kind != formats::pickle::GlobalKind::kStorage) continue;
    const std::size_t size =
        known->dtype ? tensor::ElementSize(*known->dtype) : known->storage_size;
    const auto [entry, added] = sizes.emplace(id[2]->text, size);
    if (!added && entry->second != size) {
      throw CheckpointError("storage " + Quote(id[2]->text) + " has two element types",
                            kDamagedHint);
    }
  }
  return sizes;
}

Extents LocateStorages(std::span<const std::byte> file, std::size_t at, const Value& keys,
                       const PickleDocument& document) {
  if (!keys.is_sequence()) {
    throw CheckpointError("byte " + std::to_string(at) +
                              ": where the list of storages should be is " + Describe(keys),
                          kDamagedHint);
  }
  const auto sizes = ElementSizes(document);
  Extents extents;
  base::ByteReader reader(file, at);
  for (const Value* key : keys.items) {
    const auto size = key->is_text() ? sizes.find(key->text) : sizes.end();
    if (size == sizes.end()) {
      throw CheckpointError("the list of storages names " +
                                (key->is_text() ? Quote(key->text) : Describe(*key)) +
                                ", which nothing in the file uses",
                            kDamagedHint);
    }
    const std::string place =
        "byte " + std::to_string(reader.position()) + ": storage " + Quote(key->text);
    Extent extent{.element_size = size->second};
    std::span<const std::byte> data;
    if (!reader.Read(extent.elements)) {
      throw CheckpointError(place + ": the file ends here", kIncompleteHint);
    }
    if (extent.elements < 0) {
      throw CheckpointError(place + " has " + std::to_string(extent.elements) + " elements",
                            kDamagedHint);
    }
    extent.at = reader.position();
    const auto count = static_cast<std::uint64_t>(extent.elements);
    if (count > reader.remaining() / extent.element_size ||
        !reader.ReadBytes(count * extent.element_size, data)) {
      throw CheckpointError(place + " has " + std::to_string(count) + " elements of " +
                                std::to_string(extent.element_size) + " bytes, but only " +
                                std::to_string(reader.remaining()) + " bytes follow",
                            kIncompleteHint);
    }
    if (!extents.emplace(key->text, extent).second) {
      throw CheckpointError(place + " stands twice in the list of storages", kDamagedHint);
    }
  }
  return extents;
}

std::shared_ptr<Storage> Load(const std::shared_ptr<const base::MappedFile>& file,
                              const Extents& extents, const StorageId& id) {
  const std::string name = "storage " + Quote(id.key);
  const auto found = extents.find(id.key);
  if (found == extents.end()) {
    throw CheckpointError("its " + name + " is not in the file", kDamagedHint);
  }
  const Extent& extent = found->second;
  if (extent.elements != id.elements) {
    throw CheckpointError(name + " has " + std::to_string(extent.elements) + " elements where " +
                              std::to_string(id.elements) + " are expected",
                          kDamagedHint);
  }
  const auto bytes = file->bytes().subspan(
      extent.at, static_cast<std::size_t>(extent.elements) * extent.element_size);
  return std::make_shared<Storage>(name, id.dtype, bytes, file);
}

}  // namespace

TorchFile ReadTorchLegacy(std::shared_ptr<const base::MappedFile> file, PickleDocument& document) {
  std::size_t at = 0;
  const auto next = [&]() -> const Value& {
    formats::pickle::Unpickler unpickler(document, file->text(), at, "");
    const Value& value = unpickler.Load();
    at = unpickler.position();
    return value;
  };
  const Value& magic = next();
  if (magic.kind != ValueKind::kBigInt || magic.text != kMagic) {
    if (const std::string_view writer = WriterOfPickle(magic); !writer.empty()) {
      throw CheckpointError(
          "these are " + std::string(writer) + " weights, which are not supported",
          "docs/sources.md lists the networks that are");
    }
    throw CheckpointError("a Python pickle, but not torch's: it begins with " + Describe(magic) +
                              " where torch's magic number should be",
                          "a file written by torch.save is needed");
  }
  const Value& version = next();
  if (!version.is_int() || version.integer != kFormatVersion) {
    throw CheckpointError("torch's legacy format in a version other than 1001", kDamagedHint);
  }
  if (!formats::pickle::IsDictLike(
          next())) {  // says how the machine orders bytes; the file is always little-endian
    throw CheckpointError("torch's legacy format without the facts on the machine", kDamagedHint);
  }
  const Value& root = next();
  const Value& keys = next();
  Extents extents = LocateStorages(file->bytes(), at, keys, document);
  return {
      &root,
      [file, extents = std::move(extents)](const StorageId& id) { return Load(file, extents, id); },
      file};
}

}  // namespace yoloport::checkpoint
