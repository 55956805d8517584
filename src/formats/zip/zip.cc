#include "formats/zip/zip.h"

#include <libdeflate.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/byte_reader.h"
#include "base/text.h"
#include "formats/zip/limits.h"
#include "formats/zip/zip_format.h"
#include "yoloport/error.h"

namespace yoloport::formats::zip {
namespace {

using base::ByteReader;
using base::Quote;

constexpr const char* kIncompleteHint = "the file is incomplete: download or copy it again";
constexpr const char* kDamagedHint = "the file is damaged: download or save it again";

[[noreturn]] void Fail(const std::string& what, const char* hint = kDamagedHint) {
  throw CheckpointError(what, hint);
}

std::string Bytes(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

std::optional<std::uint32_t> SignatureAt(std::span<const std::byte> file, std::uint64_t at) {
  if (at > file.size()) return std::nullopt;
  ByteReader reader(file, static_cast<std::size_t>(at));
  std::uint32_t signature = 0;
  if (!reader.Read(signature)) return std::nullopt;
  return signature;
}

// Where the end record is: the last one whose comment fills the rest of the file. None when there
// is no end record at all.
std::optional<std::uint64_t> FindEnd(std::span<const std::byte> file) {
  if (file.size() < kEndSize) return std::nullopt;
  const std::uint64_t last = file.size() - kEndSize;
  const std::uint64_t first = last > kMaxComment ? last - kMaxComment : 0;
  for (std::uint64_t at = last + 1; at-- > first;) {
    if (SignatureAt(file, at) != kEndSignature) continue;
    ByteReader reader(file, static_cast<std::size_t>(at + kEndSize - 2));
    std::uint16_t comment = 0;
    if (!reader.Read(comment)) continue;
    if (reader.remaining() == comment) return at;
    if (reader.remaining() > comment) {
      Fail(Bytes(reader.remaining() - comment) + " after the end of the archive at byte " +
           std::to_string(at + kEndSize + comment));
    }
  }
  return std::nullopt;
}

// The ZIP64 end record that a locator in front of the end record points to.
std::optional<std::uint64_t> FindEnd64(std::span<const std::byte> file, std::uint64_t end_at) {
  if (end_at < kLocator64Size) return std::nullopt;
  const std::uint64_t locator_at = end_at - kLocator64Size;
  if (SignatureAt(file, locator_at) != kLocator64Signature) return std::nullopt;
  ByteReader reader(file, static_cast<std::size_t>(locator_at + 4));
  std::uint32_t disk = 0;
  std::uint64_t at = 0;
  if (!reader.Read(disk) || !reader.Read(at) || at >= locator_at ||
      SignatureAt(file, at) != kEnd64Signature) {
    Fail("the ZIP64 locator at byte " + std::to_string(locator_at) + " points to byte " +
         std::to_string(at) + ", where no ZIP64 record is");
  }
  return at;
}

std::string EntryName(const ZipEntry& entry) { return "entry " + Quote(entry.name); }

}  // namespace

bool EndsAsZip(std::span<const std::byte> file) {
  try {
    return FindEnd(file).has_value();
  } catch (const CheckpointError&) {
    return false;  // an end record in the middle of something
  }
}

std::uint32_t Crc32(std::span<const std::byte> bytes) {
  return libdeflate_crc32(0, bytes.data(), bytes.size());
}

ZipArchive::ZipArchive(std::span<const std::byte> file) : file_(file) {
  const auto end_at = FindEnd(file);
  if (!end_at) Fail("the zip archive ends before its directory", kIncompleteHint);
  ByteReader reader(file, static_cast<std::size_t>(*end_at + 4));
  EndFields end;
  bool complete = end.Read32(reader);
  std::uint64_t directory_end = *end_at;
  if (const auto end64_at = FindEnd64(file, *end_at)) {
    ByteReader reader64(file, static_cast<std::size_t>(*end64_at + 4));
    complete = end.Read64(reader64);
    directory_end = *end64_at;
  }
  if (!complete) Fail("the zip archive's end record is incomplete", kIncompleteHint);
  if (end.disk != 0 || end.directory_disk != 0 || end.count_here != end.count) {
    Fail("the archive is one part of several");
  }
  if (end.size > directory_end || end.at > directory_end - end.size) {
    Fail("the zip directory is said to be " + Bytes(end.size) + " at byte " +
         std::to_string(end.at) + ", but it ends at byte " + std::to_string(directory_end));
  }
  if (const std::uint64_t before = directory_end - end.size - end.at; before != 0) {
    Fail(Bytes(before) + " before the archive, or inside it where nothing should be");
  }
  ReadDirectory(end.at, end.size, end.count);
  CheckLayout(end.at);
}

void ZipArchive::ReadDirectory(std::uint64_t at, std::uint64_t size, std::uint64_t count) {
  ByteReader reader(file_.first(static_cast<std::size_t>(at + size)), static_cast<std::size_t>(at));
  constexpr std::uint64_t kSmallestEntry = 46;
  if (count > size / kSmallestEntry) {
    Fail("the zip directory of " + Bytes(size) + " cannot hold " + std::to_string(count) +
         " entries");
  }
  entries_.reserve(static_cast<std::size_t>(count));
  for (std::uint64_t i = 0; i < count; ++i) {
    entries_.push_back(ReadDirectoryEntry(reader));
    if (!index_.emplace(entries_.back().name, entries_.size() - 1).second) {
      Fail("two entries are named " + Quote(entries_.back().name));
    }
  }
  if (reader.remaining() != 0) {
    Fail(Bytes(reader.remaining()) + " at the end of the zip directory that belong to no entry");
  }
  const auto same_crc = [&](const ZipEntry& entry) { return entry.crc == entries_[0].crc; };
  has_checksums_ = entries_.size() < 2 || !std::all_of(entries_.begin(), entries_.end(), same_crc);
}

ZipEntry ZipArchive::ReadDirectoryEntry(ByteReader& reader) const {
  const std::string place = "zip directory, byte " + std::to_string(reader.position()) + ": ";
  std::uint32_t signature = 0;
  std::uint16_t made_by = 0;
  EntryFields fields;
  CentralFields central;
  std::string_view name;
  std::span<const std::byte> extra;
  std::span<const std::byte> comment;
  if (!reader.Read(signature) || signature != kCentralSignature || !reader.Read(made_by) ||
      !fields.Read(reader) || !central.Read(reader) || !reader.ReadText(fields.name_length, name) ||
      !reader.ReadBytes(fields.extra_length, extra) ||
      !reader.ReadBytes(central.comment_length, comment)) {
    Fail(place + "no complete entry");
  }
  ZipEntry entry{.name = name,
                 .flags = fields.flags,
                 .method = fields.method,
                 .crc = fields.crc,
                 .packed_size = fields.packed_size,
                 .size = fields.size,
                 .header_at = central.header_at,
                 .limit = 0};
  // The ZIP64 block holds, in this order, only the values that do not fit their 32-bit fields.
  ByteReader wide(FindZip64Block(extra).value_or(std::span<const std::byte>{}));
  for (std::uint64_t* value : {&entry.size, &entry.packed_size, &entry.header_at}) {
    if (*value == kIn64 && !wide.Read(*value)) {
      Fail(place + EntryName(entry) + " has no ZIP64 size or offset where it needs one");
    }
    if (*value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      Fail(place + EntryName(entry) + " has the impossible size or offset " +
           std::to_string(*value));
    }
  }
  if (central.disk != 0) Fail("the archive is one part of several");
  return entry;
}

// Sorted by their places, entries must follow one another from byte 0 to the directory. How long a
// local header really is says only itself; Read() checks an entry against `limit`.
void ZipArchive::CheckLayout(std::uint64_t directory_at) {
  std::vector<std::size_t> order(entries_.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return entries_[a].header_at < entries_[b].header_at;
  });
  for (std::size_t i = 0; i < order.size(); ++i) {
    ZipEntry& entry = entries_[order[i]];
    if (i == 0 && entry.header_at != 0) Fail(Bytes(entry.header_at) + " before the archive");
    const bool last = i + 1 == order.size();
    entry.limit = last ? directory_at : entries_[order[i + 1]].header_at;
    const std::uint64_t least = kLocalSize + entry.name.size();
    const std::uint64_t room = entry.limit - std::min(entry.limit, entry.header_at);
    if (room < least || room - least < entry.packed_size) {
      Fail(EntryName(entry) + " of " + Bytes(entry.packed_size) + " at byte " +
           std::to_string(entry.header_at) + " overlaps " +
           (last ? "the zip directory" : EntryName(entries_[order[i + 1]])));
    }
  }
}

const ZipEntry* ZipArchive::Find(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &entries_[found->second];
}

std::optional<std::uint32_t> ZipArchive::Checksum(const ZipEntry& entry) const {
  if (!has_checksums_) return std::nullopt;
  return entry.crc;
}

ZipBytes ZipArchive::Read(const ZipEntry& entry) const {
  const std::uint64_t data_at = CheckLocalHeader(entry);
  const auto packed =
      file_.subspan(static_cast<std::size_t>(data_at), static_cast<std::size_t>(entry.packed_size));
  if (entry.method == kDeflated) return Inflate(entry, packed);
  if (entry.method != kStored) {
    Fail(EntryName(entry) + " is compressed by method " + std::to_string(entry.method) +
             "; stored (0) and deflated (8) are known",
         "load the checkpoint with torch and save it again");
  }
  if (entry.size != entry.packed_size) {
    Fail(EntryName(entry) + " is stored, but its sizes differ: " + Bytes(entry.packed_size) +
         " in the archive, " + Bytes(entry.size) + " outside");
  }
  return {packed, nullptr};
}

// Returns where the entry's data begins.
std::uint64_t ZipArchive::CheckLocalHeader(const ZipEntry& entry) const {
  const std::string place = EntryName(entry) + ", byte " + std::to_string(entry.header_at) + ": ";
  if ((entry.flags & (kEncrypted | kStrongEncryption | kMaskedHeaders)) != 0) {
    Fail(place + "encrypted", "decrypt the file first");
  }
  ByteReader reader(file_.first(static_cast<std::size_t>(entry.limit)),
                    static_cast<std::size_t>(entry.header_at));
  std::uint32_t signature = 0;
  EntryFields local;
  std::string_view name;
  std::span<const std::byte> extra;
  if (!reader.Read(signature) || signature != kLocalSignature || !local.Read(reader) ||
      !reader.ReadText(local.name_length, name) || !reader.ReadBytes(local.extra_length, extra)) {
    Fail(place + "no local header here");
  }
  if (name != entry.name) Fail(place + "its local header is named " + Quote(name));
  if (local.flags != entry.flags || local.method != entry.method) {
    Fail(place + "flags and method differ between local header and directory");
  }
  const std::uint64_t data_at = reader.position();
  if (entry.limit - data_at < entry.packed_size) {
    Fail(place + Bytes(entry.packed_size) + " of data at byte " + std::to_string(data_at) +
         " overlap what follows");
  }
  std::uint64_t size = local.size;
  std::uint64_t packed_size = local.packed_size;
  ByteReader wide(FindZip64Block(extra).value_or(std::span<const std::byte>{}));
  for (std::uint64_t* value : {&size, &packed_size}) {
    if (*value == kIn64 && !wide.Read(*value)) Fail(place + "has no ZIP64 size where it needs one");
  }
  const bool agrees =
      local.crc == entry.crc && size == entry.size && packed_size == entry.packed_size;
  if ((entry.flags & kHasDescriptor) == 0) {
    if (!agrees) Fail(place + "size or checksum differ between local header and directory");
  } else {
    const bool left_out = local.crc == 0 && size == 0 && packed_size == 0;
    if (!agrees && !left_out) Fail(place + "size or checksum differ between header and directory");
    CheckDescriptor(entry, data_at + entry.packed_size);
  }
  return data_at;
}

// After the data: an optional signature, the checksum, and both sizes in 32 or 64 bits.
void ZipArchive::CheckDescriptor(const ZipEntry& entry, std::uint64_t at) const {
  const auto room = file_.first(static_cast<std::size_t>(entry.limit));
  const auto matches = [&]<typename Size>(bool with_signature, Size packed_size, Size size) {
    ByteReader reader(room, static_cast<std::size_t>(at));
    std::uint32_t signature = 0;
    if (with_signature && (!reader.Read(signature) || signature != kDescriptorSignature)) {
      return false;
    }
    std::uint32_t crc = 0;
    return reader.Read(crc) && reader.Read(packed_size) && reader.Read(size) && crc == entry.crc &&
           packed_size == entry.packed_size && size == entry.size;
  };
  for (const bool with_signature : {true, false}) {
    if (matches(with_signature, std::uint32_t{}, std::uint32_t{}) ||
        matches(with_signature, std::uint64_t{}, std::uint64_t{})) {
      return;
    }
  }
  Fail(EntryName(entry) + ", byte " + std::to_string(at) +
       ": size or checksum after the data differ from the directory's");
}

ZipBytes ZipArchive::Inflate(const ZipEntry& entry, std::span<const std::byte> packed) const {
  const std::uint64_t allowed = file_.size() * kMaxInflationRatio + kFreeInflatedBytes;
  if (entry.size > allowed - inflated_) {
    Fail(EntryName(entry) + " unpacks to " + Bytes(entry.size) + ", too much for an archive of " +
             Bytes(file_.size()),
         "weights do not shrink as much: the file is not what it seems to be");
  }
  inflated_ += entry.size;
  const auto size = static_cast<std::size_t>(entry.size);
  std::shared_ptr<std::byte[]> unpacked(new std::byte[size]);
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> inflater(
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  if (inflater == nullptr) throw std::bad_alloc();
  std::size_t read = 0;
  std::size_t written = 0;
  const libdeflate_result result = libdeflate_deflate_decompress_ex(
      inflater.get(), packed.data(), packed.size(), unpacked.get(), size, &read, &written);
  if (result != LIBDEFLATE_SUCCESS || read != packed.size() || written != size) {
    Fail(EntryName(entry) + " does not unpack to the " + Bytes(entry.size) + " it should have");
  }
  return {{unpacked.get(), size}, unpacked};
}

}  // namespace yoloport::formats::zip
