// Making untrusted text fit to print, and small helpers for messages.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace yoloport::base {

// `text` in single quotes for an error message: control characters, quotes, backslashes and invalid
// UTF-8 escaped (\n, \x07), cut after `limit` bytes with "...".
std::string Quote(std::string_view text, std::size_t limit = 120);

// A shape as "2x3x640x640"; "scalar" for rank 0; after eight extents " and N more".
std::string ShapeText(std::span<const std::int64_t> shape);

// "a, b, c"; after `limit` entries "... and N more".
std::string JoinText(std::span<const std::string> parts, std::size_t limit = 10);

// What is told of one kind, key by key; of more only how many there are.
inline constexpr std::size_t kMostNotes = 20;

// Adds the first kMostNotes of `more`, each text once, then "and N more".
void AppendNotes(std::vector<std::string>& notes, const std::vector<std::string>& more);

// 1536 -> "1.5 KiB".
std::string SizeText(std::uint64_t bytes);

// "did you mean b? known are a, b", with the question where a name is near.
std::string KnownHint(std::string_view word, std::span<const std::string> known);

// ASCII letters to lower case; other bytes stay.
std::string AsciiLower(std::string_view text);

// The name's extension, ASCII in lower case: ".jpg" of "a/b.JPG".
std::string LowerExtension(const std::filesystem::path& path);

// `json`, a document in UTF-8, with the control characters in it that JSON lets pass (U+007F to
// U+009F) escaped as \u009b: it can be shown on a terminal, and reads back as the same.
std::string WithEscapedControls(std::string_view json);

}  // namespace yoloport::base
