// A zip archive: its directory, and every entry unpacked and summed.
#include <cstdint>

#include "formats/zip/zip.h"
#include "yoloport/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const yoloport::formats::zip::ZipArchive archive(std::as_bytes(std::span(data, size)));
    for (const yoloport::formats::zip::ZipEntry& entry : archive.entries()) {
      yoloport::formats::zip::Crc32(archive.Read(entry).bytes);
    }
  } catch (const yoloport::CheckpointError&) {
    // Expected of malformed input.
  }
  return 0;
}
