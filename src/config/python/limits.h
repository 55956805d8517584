// What a config may cost. A config is untrusted input: whatever it says, reading it takes bounded
// time, memory and stack. Each bound is far above what any published config needs.
#pragma once

#include <cstddef>

namespace yoloport::config::python {

// Published configs are at most 30 KB; flattened ones with a thousand class names stay below 200
// KB.
inline constexpr std::size_t kMaxFileBytes = 1 << 20;

// Brackets, operators and blocks within one another. CPython's own parser stops at 200 brackets.
inline constexpr int kMaxSyntaxDepth = 200;

// Containers within one another (`a = [a]` in a row of statements nests without any brackets), and
// a container that holds itself ends here too.
inline constexpr int kMaxValueDepth = 200;

// Stack that all this nesting takes at most, with room to spare.
inline constexpr std::size_t kStackBytes = 3 << 20;

// List elements, dict entries and numbers made while evaluating, over all files of one config.
inline constexpr std::size_t kMaxValues = 1'000'000;

// What an iterator counts as.
inline constexpr std::size_t kValuesPerIterator = 4;

// What an unknown value counts as, beside the values it may give access to, and what it costs to
// find out in the middle of a computation that something is unknown.
inline constexpr std::size_t kValuesPerUnknown = 8;
inline constexpr std::size_t kStepsPerUnknown = 20;

// One string, and all strings together.
inline constexpr std::size_t kMaxStringBytes = 64 << 10;
inline constexpr std::size_t kMaxTotalStringBytes = 32 << 20;

// Evaluation steps: an expression, an element copied or compared, some bytes of a string looked at.
// Ends loops that produce nothing; the largest published config takes a few thousand.
inline constexpr std::size_t kMaxSteps = 2'000'000;

// Bytes of a string that count as one step: copied or compared, and where each character begins.
inline constexpr std::size_t kBytesPerStep = 64;
inline constexpr std::size_t kBytesPerPlace = 8;

// Steps of a float written with a given number of digits.
inline constexpr std::size_t kStepsPerDecimalText = 16;

// A file, its base, the base's base, ... Published chains are at most 6 files long.
inline constexpr std::size_t kMaxBaseDepth = 20;

// Files read for one config: with two bases a file, the depth alone would allow 2^20.
inline constexpr std::size_t kMaxFiles = 200;

// All of their texts, templates filled in. Trees of nested files are in memory at the same time.
inline constexpr std::size_t kMaxTotalFileBytes = 2 << 20;

// A config that is written out again: indentation alone may be a thousand times the file.
inline constexpr std::size_t kMaxWrittenBytes = 64 << 20;

// A source line in a message is cut to this many characters around the caret.
inline constexpr std::size_t kMaxShownLine = 100;

}  // namespace yoloport::config::python
