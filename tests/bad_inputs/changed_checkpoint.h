// A whole checkpoint in which something is changed.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "formats/zip/zip.h"
#include "testing/files/checkpoint_files.h"

namespace yoloport::bad_inputs {

// The archive `bytes` again, after `change` was called with each of its entries.
template <typename Change>
std::string ChangedCheckpoint(const std::string& bytes, const Change& change) {
  const formats::zip::ZipArchive archive(std::as_bytes(std::span(bytes)));
  std::vector<test_support::ZipSpec> entries;
  for (const formats::zip::ZipEntry& entry : archive.entries()) {
    const auto data = archive.Read(entry).bytes;
    entries.push_back({.name = std::string(entry.name),
                       .data = {reinterpret_cast<const char*>(data.data()), data.size()},
                       .pad_to = 64});
    change(entries.back());
  }
  return test_support::ZipFile(entries);
}

}  // namespace yoloport::bad_inputs
