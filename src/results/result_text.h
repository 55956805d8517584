// How the formats of results write texts and numbers.
#pragma once

#include <string>
#include <string_view>

#include "yoloport/results.h"

namespace yoloport::results {

// A JSON string with its quotes; bytes that are no UTF-8 become U+FFFD.
std::string JsonText(std::string_view text);

// `,"KEY":"..."` for a path whose bytes are no UTF-8, percent-encoded as in addresses (RFC 3986),
// so that they can be had back; nothing for any other.
std::string EscapedPath(std::string_view key, std::string_view path);

// A CSV field, quoted where RFC 4180 wants it; bytes that are no UTF-8 become U+FFFD.
std::string CsvText(std::string_view text);

// Throws UsageError when a detection cannot be written: no format has a word for NaN or infinity,
// and no class has a negative number.
void CheckWritable(const ImageResult& result);

// The shortest digits that read back as the same value.
void AppendNumber(std::string& out, float value);
void AppendNumber(std::string& out, double value);

}  // namespace yoloport::results
