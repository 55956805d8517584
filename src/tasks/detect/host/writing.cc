#include "tasks/detect/host/writing.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

namespace yoloport::tasks::detect::host {
namespace {

using Text = std::vector<std::uint32_t>;

constexpr std::uint32_t kStretch = 0x640;  // joins on both sides
constexpr std::uint32_t kLam = 0x644;

// A letter of Arabic. Its forms stand one behind another: alone, at the end of a word (joined to
// the letter before), and for letters of four at the begin and in the middle.
struct Joining {
  std::uint32_t letter;
  std::uint32_t alone;
  int forms;  // 1: joins to nothing; 2: to the letter before; 4: to both
};

constexpr std::array<Joining, 49> kJoining = {{
    {0x621, 0xFE80, 1}, {0x622, 0xFE81, 2}, {0x623, 0xFE83, 2}, {0x624, 0xFE85, 2},
    {0x625, 0xFE87, 2}, {0x626, 0xFE89, 4}, {0x627, 0xFE8D, 2}, {0x628, 0xFE8F, 4},
    {0x629, 0xFE93, 2}, {0x62A, 0xFE95, 4}, {0x62B, 0xFE99, 4}, {0x62C, 0xFE9D, 4},
    {0x62D, 0xFEA1, 4}, {0x62E, 0xFEA5, 4}, {0x62F, 0xFEA9, 2}, {0x630, 0xFEAB, 2},
    {0x631, 0xFEAD, 2}, {0x632, 0xFEAF, 2}, {0x633, 0xFEB1, 4}, {0x634, 0xFEB5, 4},
    {0x635, 0xFEB9, 4}, {0x636, 0xFEBD, 4}, {0x637, 0xFEC1, 4}, {0x638, 0xFEC5, 4},
    {0x639, 0xFEC9, 4}, {0x63A, 0xFECD, 4}, {0x641, 0xFED1, 4}, {0x642, 0xFED5, 4},
    {0x643, 0xFED9, 4}, {0x644, 0xFEDD, 4}, {0x645, 0xFEE1, 4}, {0x646, 0xFEE5, 4},
    {0x647, 0xFEE9, 4}, {0x648, 0xFEED, 2}, {0x649, 0xFEEF, 2}, {0x64A, 0xFEF1, 4},
    {0x679, 0xFB66, 4}, {0x67E, 0xFB56, 4}, {0x686, 0xFB7A, 4}, {0x688, 0xFB88, 2},
    {0x691, 0xFB8C, 2}, {0x698, 0xFB8A, 2}, {0x6A9, 0xFB8E, 4}, {0x6AF, 0xFB92, 4},
    {0x6BA, 0xFB9E, 2}, {0x6BE, 0xFBAA, 4}, {0x6C1, 0xFBA6, 4}, {0x6CC, 0xFBFC, 4},
    {0x6D2, 0xFBAE, 2},
}};

bool IsIn(std::uint32_t value, std::uint32_t first, std::uint32_t last) {
  return value >= first && value <= last;
}

const Joining* FindJoining(std::uint32_t letter) {
  const auto* found = std::lower_bound(
      kJoining.begin(), kJoining.end(), letter,
      [](const Joining& each, std::uint32_t value) { return each.letter < value; });
  return found != kJoining.end() && found->letter == letter ? found : nullptr;
}

// Vowels and the like, above and below letters: these join across them.
bool IsArabicMark(std::uint32_t c) { return IsIn(c, 0x64B, 0x65F) || c == 0x670; }

bool JoinsToNext(std::uint32_t c) {
  const Joining* joining = FindJoining(c);
  return c == kStretch || (joining != nullptr && joining->forms == 4);
}
bool JoinsToPrevious(std::uint32_t c) {
  const Joining* joining = FindJoining(c);
  return c == kStretch || (joining != nullptr && joining->forms >= 2);
}

// Lam and an alef behind it are one letter: its form alone.
std::optional<std::uint32_t> LamAlef(std::uint32_t alef) {
  switch (alef) {
    case 0x622:
      return 0xFEF5;
    case 0x623:
      return 0xFEF7;
    case 0x625:
      return 0xFEF9;
    case 0x627:
      return 0xFEFB;
    default:
      return std::nullopt;
  }
}

// The neighbor of `at` in this direction (1 or -1), marks passed over; 0 at the end.
std::uint32_t Neighbor(const Text& text, std::size_t at, int step) {
  for (auto i = static_cast<std::ptrdiff_t>(at) + step; i >= 0 && i < std::ssize(text); i += step) {
    const std::uint32_t c = text[static_cast<std::size_t>(i)];
    if (!IsArabicMark(c)) return c;
  }
  return 0;
}

Text JoinArabic(const Text& text) {
  Text joined;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const Joining* joining = FindJoining(text[i]);
    if (joining == nullptr) {
      joined.push_back(text[i]);
      continue;
    }
    const bool before = joining->forms >= 2 && JoinsToNext(Neighbor(text, i, -1));
    const auto ligature =
        text[i] == kLam && i + 1 < text.size() ? LamAlef(text[i + 1]) : std::nullopt;
    if (ligature) {
      joined.push_back(*ligature + (before ? 1 : 0));
      ++i;
      continue;
    }
    const bool behind = joining->forms == 4 && JoinsToPrevious(Neighbor(text, i, 1));
    joined.push_back(joining->alone + (before ? 1 : 0) + (behind ? 2 : 0));
  }
  return joined;
}

enum class Direction { kLeft, kRight, kNeither };

// Where a character's script begins: at the left or at the right. Digits are written from the left
// in all of them.
Direction DirectionOf(std::uint32_t c) {
  if (IsIn(c, 0x660, 0x669) || IsIn(c, 0x6F0, 0x6F9)) return Direction::kLeft;
  if (IsIn(c, 0x590, 0x8FF) || IsIn(c, 0xFB1D, 0xFDFF) || IsIn(c, 0xFE70, 0xFEFF) ||
      IsIn(c, 0x10800, 0x10FFF) || IsIn(c, 0x1E800, 0x1EFFF)) {
    return Direction::kRight;
  }
  if (IsIn(c, '0', '9') || IsIn(c, 'A', 'Z') || IsIn(c, 'a', 'z') || c >= 0xC0) {
    return IsIn(c, 0x2000, 0x2BFF) ? Direction::kNeither : Direction::kLeft;
  }
  return Direction::kNeither;
}

// Brackets show the other way where text runs from the right.
std::uint32_t Mirrored(std::uint32_t c) {
  switch (c) {
    case '(':
      return ')';
    case ')':
      return '(';
    case '[':
      return ']';
    case ']':
      return '[';
    default:
      return c;
  }
}

}  // namespace

bool NeedsComposition(std::uint32_t c) {
  return IsIn(c, 0x900, 0xDFF) || IsIn(c, 0xF00, 0x109F) || IsIn(c, 0x1780, 0x18AF) ||
         IsIn(c, 0xA840, 0xABFF) || IsIn(c, 0x11000, 0x11FFF);
}

bool IsInvisible(std::uint32_t c) {
  return IsIn(c, 0x200B, 0x200F) || IsIn(c, 0x202A, 0x202E) || IsIn(c, 0x2060, 0x206F) ||
         IsIn(c, 0xFE00, 0xFE0F) || c == 0xFEFF || c == 0xAD || c == 0x61C;
}

Text AsWritten(const Text& text) {
  Text written = JoinArabic(text);
  std::erase_if(written, IsInvisible);
  auto begin = written.begin();
  while (begin != written.end()) {
    const auto is_right = [](std::uint32_t c) { return DirectionOf(c) == Direction::kRight; };
    begin = std::find_if(begin, written.end(), is_right);
    // Up to what is written from the left again, without the blanks before that.
    auto end = std::find_if(begin, written.end(),
                            [](std::uint32_t c) { return DirectionOf(c) == Direction::kLeft; });
    const auto next = end;
    while (end != begin && !is_right(*(end - 1))) --end;
    std::reverse(begin, end);
    std::transform(begin, end, begin, Mirrored);
    begin = next;
  }
  return written;
}

}  // namespace yoloport::tasks::detect::host
