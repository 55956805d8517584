// SHA-256, by libcrypto.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace yoloport::base {

// The digest of `bytes` in hexadecimal, lower case.
std::string Sha256Hex(std::span<const std::byte> bytes);

}  // namespace yoloport::base
