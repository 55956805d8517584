// The records of a zip archive: what docs/checkpoint_format.md draws, in code.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/byte_reader.h"

namespace yoloport::formats::zip {

inline constexpr std::uint32_t kLocalSignature = 0x04034b50;
inline constexpr std::uint32_t kCentralSignature = 0x02014b50;
inline constexpr std::uint32_t kEndSignature = 0x06054b50;
inline constexpr std::uint32_t kEnd64Signature = 0x06064b50;
inline constexpr std::uint32_t kLocator64Signature = 0x07064b50;
inline constexpr std::uint32_t kDescriptorSignature = 0x08074b50;

inline constexpr std::uint64_t kLocalSize = 30;
inline constexpr std::uint64_t kEndSize = 22;
inline constexpr std::uint64_t kLocator64Size = 20;
inline constexpr std::uint64_t kMaxComment = 0xFFFF;

inline constexpr std::uint16_t kEncrypted = 1U << 0;
inline constexpr std::uint16_t kHasDescriptor = 1U << 3;
inline constexpr std::uint16_t kStrongEncryption = 1U << 6;
inline constexpr std::uint16_t kMaskedHeaders = 1U << 13;

inline constexpr std::uint16_t kStored = 0;
inline constexpr std::uint16_t kDeflated = 8;

// A 32-bit field with this value says: see the ZIP64 record.
inline constexpr std::uint32_t kIn64 = 0xFFFFFFFF;

// Both headers of an entry share this part.
struct EntryFields {
  std::uint16_t version = 0, flags = 0, method = 0, time = 0, date = 0;
  std::uint32_t crc = 0, packed_size = 0, size = 0;
  std::uint16_t name_length = 0, extra_length = 0;

  bool Read(base::ByteReader& reader) {
    return reader.Read(version) && reader.Read(flags) && reader.Read(method) && reader.Read(time) &&
           reader.Read(date) && reader.Read(crc) && reader.Read(packed_size) && reader.Read(size) &&
           reader.Read(name_length) && reader.Read(extra_length);
  }
};

// What follows them in the directory.
struct CentralFields {
  std::uint16_t comment_length = 0, disk = 0, internal = 0;
  std::uint32_t external = 0, header_at = 0;

  bool Read(base::ByteReader& reader) {
    return reader.Read(comment_length) && reader.Read(disk) && reader.Read(internal) &&
           reader.Read(external) && reader.Read(header_at);
  }
};

// The end of the archive: where its directory is.
struct EndFields {
  std::uint64_t disk = 0, directory_disk = 0, count_here = 0, count = 0, size = 0, at = 0;

  bool Read32(base::ByteReader& reader) {
    std::uint16_t disks[2] = {}, counts[2] = {};
    std::uint32_t places[2] = {};
    if (!reader.Read(disks[0]) || !reader.Read(disks[1]) || !reader.Read(counts[0]) ||
        !reader.Read(counts[1]) || !reader.Read(places[0]) || !reader.Read(places[1])) {
      return false;
    }
    *this = {disks[0], disks[1], counts[0], counts[1], places[0], places[1]};
    return true;
  }

  bool Read64(base::ByteReader& reader) {
    std::uint64_t record_size = 0;
    std::uint32_t versions = 0, disks[2] = {};
    if (!reader.Read(record_size) || !reader.Read(versions) || !reader.Read(disks[0]) ||
        !reader.Read(disks[1])) {
      return false;
    }
    disk = disks[0];
    directory_disk = disks[1];
    return reader.Read(count_here) && reader.Read(count) && reader.Read(size) && reader.Read(at);
  }
};

// The data of the ZIP64 block among an entry's extra blocks, if there is one.
inline std::optional<std::span<const std::byte>> FindZip64Block(std::span<const std::byte> extra) {
  base::ByteReader reader(extra);
  std::uint16_t id = 0, size = 0;
  std::span<const std::byte> data;
  while (reader.Read(id) && reader.Read(size) && reader.ReadBytes(size, data)) {
    if (id == 1) return data;
  }
  return std::nullopt;
}

}  // namespace yoloport::formats::zip
