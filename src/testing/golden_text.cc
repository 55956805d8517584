#include "testing/golden_text.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

namespace yoloport::test_support {
namespace {

constexpr const char* kUpdate = "YOLOPORT_UPDATE_LISTINGS";
constexpr std::size_t kContextLines = 3;
constexpr std::size_t kDifferentLines = 8;  // of each text
constexpr std::size_t kEqualLines = 2;      // that end a difference

using Lines = std::vector<std::string_view>;

// With their line ends, so that a missing one at the end of the text shows.
Lines LinesOf(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

// lines[begin] .. lines[end - 1], at most `most` of them.
std::string Marked(const char* mark, const Lines& lines, std::size_t begin, std::size_t end,
                   std::size_t most) {
  std::string text;
  for (std::size_t i = begin; i < std::min(end, begin + most); ++i) {
    text.append(mark).append(lines[i]);
    if (lines[i].back() != '\n') text += " (no line end)\n";
  }
  if (end > begin + most) {
    text += std::string(mark) + "... " + std::to_string(end - begin - most) + " more lines\n";
  }
  return text;
}

// Whether the next lines are equal, or both texts end.
bool IsSameFrom(const Lines& before, std::size_t b, const Lines& after, std::size_t a) {
  for (std::size_t i = 0; i < kEqualLines; ++i, ++b, ++a) {
    if (b == before.size() && a == after.size()) return true;
    if (b >= before.size() || a >= after.size() || before[b] != after[a]) return false;
  }
  return true;
}

// How many lines of each text, as few as possible, make up the difference that starts at `begin`.
std::pair<std::size_t, std::size_t> FindEnd(const Lines& before, const Lines& after,
                                            std::size_t begin) {
  for (std::size_t sum = 1;; ++sum) {
    for (std::size_t removed = 0; removed <= sum; ++removed) {
      const std::size_t added = sum - removed;
      if (IsSameFrom(before, begin + removed, after, begin + added)) return {removed, added};
    }
  }
}

}  // namespace

std::string FirstDifference(std::string_view expected, std::string_view actual) {
  if (expected == actual) return "";
  const Lines before = LinesOf(expected);
  const Lines after = LinesOf(actual);
  const auto begin = static_cast<std::size_t>(
      std::mismatch(before.begin(), before.end(), after.begin(), after.end()).first -
      before.begin());
  const auto [removed, added] = FindEnd(before, after, begin);
  const std::size_t end = begin + removed;
  const std::size_t context = std::min(begin, kContextLines);
  return "line " + std::to_string(begin + 1) + ":\n" +
         Marked("  ", before, begin - context, begin, kContextLines) +
         Marked("- ", before, begin, end, kDifferentLines) +
         Marked("+ ", after, begin, begin + added, kDifferentLines) +
         Marked("  ", before, end, std::min(end + kContextLines, before.size()), kContextLines);
}

testing::AssertionResult IsGolden(std::string_view text, const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const bool exists = in.is_open();
  const std::string expected(std::istreambuf_iterator<char>(in), {});
  if (exists && expected == text) return testing::AssertionSuccess();
  auto failure = testing::AssertionFailure() << path.native();
  if (exists) {
    failure << ", " << FirstDifference(expected, text);
  } else {
    failure << " does not exist\n";
  }
  const char* update = std::getenv(kUpdate);
  if (update == nullptr || std::string_view(update) != "1") {
    return failure << "If the change is intended, run the test again with " << kUpdate
                   << "=1, which rewrites the file, and review the difference.";
  }
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text << std::flush;
  return failure << (out ? "This file was rewritten, because " : "Rewriting this file failed; ")
                 << kUpdate << " is set. Review the difference, and run the test without it.";
}

}  // namespace yoloport::test_support
