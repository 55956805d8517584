#include "checkpoint/storage.h"

#include "formats/zip/zip.h"
#include "yoloport/error.h"

namespace yoloport::checkpoint {

void Storage::Verify() {
  if (!crc_) return;
  if (formats::zip::Crc32(bytes_) != *crc_) {
    throw CheckpointError(name_ + ": its bytes do not have the checksum that the archive states",
                          "the file is damaged: download or copy it again");
  }
  crc_.reset();
}

}  // namespace yoloport::checkpoint
