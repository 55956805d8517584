// What a file is, by its contents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace yoloport::checkpoint {

enum class FileFormat : std::uint8_t { kTorchZip, kTorchLegacy, kSafetensors };

// The format of a file that may be a checkpoint; nothing is checked but how it begins and ends.
// Throws CheckpointError for anything else, saying what it looks like and what to do.
FileFormat SniffFormat(std::span<const std::byte> file);

}  // namespace yoloport::checkpoint
