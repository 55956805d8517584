#include "config/python/unicode.h"

#include <algorithm>
#include <array>

namespace yoloport::config::python {
namespace {

using base::IsUtf8Continuation;

struct Range {
  std::uint32_t first, last;
};

template <std::size_t N>
bool IsIn(const std::array<Range, N>& ranges, std::uint32_t c) {
  const auto* const after =
      std::upper_bound(ranges.begin(), ranges.end(), c,
                       [](std::uint32_t value, Range range) { return value < range.first; });
  return after != ranges.begin() && c <= (after - 1)->last;
}

constexpr std::array<Range, 10> kSpaces = {{{0x9, 0xD},
                                            {0x1C, 0x20},
                                            {0x85, 0x85},
                                            {0xA0, 0xA0},
                                            {0x1680, 0x1680},
                                            {0x2000, 0x200A},
                                            {0x2028, 0x2029},
                                            {0x202F, 0x202F},
                                            {0x205F, 0x205F},
                                            {0x3000, 0x3000}}};

// Zeros of the scripts that have digits of their own; nine more follow each.
constexpr std::array<std::uint32_t, 65> kForeignZeros = {
    0x660,   0x6F0,   0x7C0,   0x966,   0x9E6,   0xA66,   0xAE6,   0xB66,   0xBE6,   0xC66,
    0xCE6,   0xD66,   0xDE6,   0xE50,   0xED0,   0xF20,   0x1040,  0x1090,  0x17E0,  0x1810,
    0x1946,  0x19D0,  0x1A80,  0x1A90,  0x1B50,  0x1BB0,  0x1C40,  0x1C50,  0xA620,  0xA8D0,
    0xA900,  0xA9D0,  0xA9F0,  0xAA50,  0xABF0,  0xFF10,  0x104A0, 0x10D30, 0x11066, 0x110F0,
    0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950,
    0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC,
    0x1D7F6, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0};

// Latin, Greek, Cyrillic, kana, CJK and Hangul without what NFKC replaces. Python's own table is
// larger; what matters is that typographic quotes and full-width commas are not letters.
constexpr std::array<Range, 30> kLetters = {
    {{0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x131},    {0x134, 0x13E},   {0x141, 0x148},
     {0x14A, 0x17E},   {0x180, 0x1C3},   {0x1CD, 0x1F0},   {0x1F4, 0x24F},   {0x370, 0x373},
     {0x376, 0x377},   {0x37B, 0x37D},   {0x37F, 0x37F},   {0x386, 0x386},   {0x388, 0x38A},
     {0x38C, 0x38C},   {0x38E, 0x3A1},   {0x3A3, 0x3CF},   {0x3D7, 0x3EF},   {0x3F3, 0x3F3},
     {0x3F7, 0x3F8},   {0x3FA, 0x481},   {0x48A, 0x52F},   {0x3041, 0x3096}, {0x309D, 0x309E},
     {0x30A1, 0x30FA}, {0x30FC, 0x30FE}, {0x3400, 0x4DB5}, {0x4E00, 0x9FEF}, {0xAC00, 0xD7A3}}};

// Controls, formats, spaces, surrogates and private characters.
constexpr std::array<Range, 28> kEscaped = {
    {{0x0, 0x1F},        {0x7F, 0xA0},       {0xAD, 0xAD},       {0x600, 0x605},
     {0x61C, 0x61C},     {0x6DD, 0x6DD},     {0x70F, 0x70F},     {0x890, 0x891},
     {0x8E2, 0x8E2},     {0x1680, 0x1680},   {0x180E, 0x180E},   {0x2000, 0x200F},
     {0x2028, 0x202F},   {0x205F, 0x2064},   {0x2066, 0x206F},   {0x3000, 0x3000},
     {0xD800, 0xF8FF},   {0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB},   {0x110BD, 0x110BD},
     {0x110CD, 0x110CD}, {0x13430, 0x13438}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
     {0xE0001, 0xE0001}, {0xE0020, 0xE007F}, {0xF0000, 0xFFFFD}, {0x100000, 0x10FFFD}}};

// Blocks that every Python from 3.7 on knows without a gap.
constexpr std::array<Range, 30> kPrinted = {
    {{0x20, 0x7E},       {0xA1, 0xAC},      {0xAE, 0x377},    {0x3A3, 0x52F},
     {0x5D0, 0x5EA},     {0x61E, 0x6DC},    {0x900, 0x983},   {0xE01, 0xE3A},
     {0xE3F, 0xE5B},     {0x1E00, 0x1F15},  {0x2010, 0x2027}, {0x2030, 0x205E},
     {0x20A0, 0x20BF},   {0x2100, 0x218B},  {0x2190, 0x2426}, {0x2460, 0x2B73},
     {0x3001, 0x303F},   {0x3041, 0x3096},  {0x3099, 0x30FF}, {0x3131, 0x318E},
     {0x3220, 0x32FE},   {0x3300, 0x4DB5},  {0x4DC0, 0x9FEF}, {0xA000, 0xA48C},
     {0xAC00, 0xD7A3},   {0xF900, 0xFA6D},  {0xFF01, 0xFFBE}, {0x1F300, 0x1F6D4},
     {0x1F910, 0x1F93E}, {0x20000, 0x2A6D6}}};

}  // namespace

std::size_t CharacterCount(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += IsUtf8Continuation(c) ? 0 : 1;
  return count;
}

std::vector<std::size_t> CharacterOffsets(std::string_view text) {
  std::vector<std::size_t> offsets;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!IsUtf8Continuation(text[i])) offsets.push_back(i);
  }
  offsets.push_back(text.size());
  return offsets;
}

bool IsSpace(std::uint32_t c) { return IsIn(kSpaces, c); }

std::string_view WithoutSpacesBefore(std::string_view text) {
  while (!text.empty()) {
    const base::CodePoint c = base::DecodeUtf8(text);
    if (!IsSpace(c.value)) break;
    text.remove_prefix(c.length);
  }
  return text;
}

std::string_view WithoutSpacesAfter(std::string_view text) {
  while (!text.empty()) {
    std::size_t last = text.size() - 1;
    while (last > 0 && IsUtf8Continuation(text[last])) --last;
    if (!IsSpace(base::DecodeUtf8(text.substr(last)).value)) break;
    text = text.substr(0, last);
  }
  return text;
}

bool IsForeignDigit(std::uint32_t c) {
  const auto* const after = std::upper_bound(kForeignZeros.begin(), kForeignZeros.end(), c);
  return after != kForeignZeros.begin() && c - *(after - 1) < 10;
}

bool IsForeignLetter(std::uint32_t c) { return IsIn(kLetters, c); }

Printable IsPrintable(std::uint32_t c) {
  if (IsIn(kPrinted, c)) return Printable::kYes;
  return IsIn(kEscaped, c) ? Printable::kNo : Printable::kUnknown;
}

}  // namespace yoloport::config::python
