// Zip archives as torch writes them, read from memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace yoloport::base {
class ByteReader;
}

namespace yoloport::formats::zip {

// One entry as the archive's directory states it. The name is untrusted: it is compared and printed
// (quoted), never used as a path.
struct ZipEntry {
  std::string_view name;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint32_t crc = 0;
  std::uint64_t packed_size = 0;
  std::uint64_t size = 0;
  std::uint64_t header_at = 0;  // where its local header is
  std::uint64_t limit = 0;      // where the next entry, or the directory, begins
};

// Bytes of an entry, and what keeps them alive: null when they are a view into the archive.
struct ZipBytes {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;
};

// The directory of an archive. Stored and deflated entries, ZIP64 and data descriptors are known.
// Everything that makes two readers see different files is refused: bytes before the archive or
// after it, overlapping entries, duplicate names, a local header that says something else than the
// directory, encryption, several disks. All errors are CheckpointError.
class ZipArchive {
 public:
  // Reads the directory only. `file` must outlive the archive and all views from it.
  explicit ZipArchive(std::span<const std::byte> file);

  const std::vector<ZipEntry>& entries() const { return entries_; }
  const ZipEntry* Find(std::string_view name) const;

  // The unpacked bytes of `entry`, after comparing its local header with the directory. A stored
  // entry is a view, of which nothing is read; a deflated one is unpacked. Unpacked bytes are
  // limited, in sum, to kMaxInflationRatio times the file plus kFreeInflatedBytes.
  ZipBytes Read(const ZipEntry& entry) const;

  // The checksum that `entry`'s bytes must have. None when the archive has no checksums: torch can
  // leave them out, and then writes the same number everywhere.
  std::optional<std::uint32_t> Checksum(const ZipEntry& entry) const;
  bool has_checksums() const { return has_checksums_; }

 private:
  void ReadDirectory(std::uint64_t at, std::uint64_t size, std::uint64_t count);
  ZipEntry ReadDirectoryEntry(base::ByteReader& reader) const;
  void CheckLayout(std::uint64_t directory_at);
  std::uint64_t CheckLocalHeader(const ZipEntry& entry) const;
  void CheckDescriptor(const ZipEntry& entry, std::uint64_t at) const;
  ZipBytes Inflate(const ZipEntry& entry, std::span<const std::byte> packed) const;

  std::span<const std::byte> file_;
  std::vector<ZipEntry> entries_;
  std::map<std::string_view, std::size_t> index_;  // ordered: names are others'
  bool has_checksums_ = true;
  mutable std::uint64_t inflated_ = 0;  // bytes unpacked so far
};

// Whether `file` ends as a zip archive does.
bool EndsAsZip(std::span<const std::byte> file);

// The CRC-32 of zip and PNG.
std::uint32_t Crc32(std::span<const std::byte> bytes);

}  // namespace yoloport::formats::zip
