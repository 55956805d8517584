#include <fontconfig/fontconfig.h>
#include <ft2build.h>
#include FT_FREETYPE_H

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <string>

#include "tasks/detect/host/letters_library.h"

namespace yoloport::tasks::detect::host {
namespace {

constexpr double kCapital = 0.72;  // of a font's size: between DejaVu's 0.729 and Noto's 0.714

// A font that is opened when a letter of it is wanted.
struct Font {
  std::string file;
  int index = 0;
  const FcCharSet* letters = nullptr;  // a reference that is kept until the end
  FT_Face face = nullptr;
  bool is_broken = false;
};

// The fonts of this machine, the best for plain text first. Never closed: they are needed until the
// end.
class Fonts {
 public:
  static Fonts& Get() {
    static Fonts& fonts = *new Fonts();
    return fonts;
  }

  // The first that has the character and can be opened; null where none has.
  FT_Face FaceFor(std::uint32_t code_point) {
    for (Font& font : fonts_) {
      if (font.is_broken || FcCharSetHasChar(font.letters, code_point) == FcFalse) continue;
      if (font.face == nullptr &&
          FT_New_Face(library_, font.file.c_str(), font.index, &font.face) != 0) {
        font.is_broken = true;
        font.face = nullptr;
        continue;
      }
      return font.face;
    }
    return nullptr;
  }

 private:
  Fonts() {
    if (FT_Init_FreeType(&library_) != 0 || FcInit() == FcFalse) return;
    FcPattern* wanted = FcPatternCreate();
    FcPatternAddString(wanted, FC_FAMILY, reinterpret_cast<const FcChar8*>("sans"));
    FcPatternAddBool(wanted, FC_SCALABLE, FcTrue);
    FcConfigSubstitute(nullptr, wanted, FcMatchPattern);
    FcDefaultSubstitute(wanted);
    FcResult result = FcResultNoMatch;
    FcFontSet* found = FcFontSort(nullptr, wanted, FcTrue, nullptr, &result);
    FcPatternDestroy(wanted);
    if (found == nullptr) return;
    for (int i = 0; i < found->nfont; ++i) Add(found->fonts[i]);
    FcFontSetDestroy(found);
  }

  void Add(const FcPattern* pattern) {
    FcChar8* file = nullptr;
    FcCharSet* letters = nullptr;
    FcBool is_scalable = FcFalse;
    FcBool is_color = FcFalse;
    Font font;
    FcPatternGetBool(pattern, FC_SCALABLE, 0, &is_scalable);
    FcPatternGetBool(pattern, FC_COLOR, 0, &is_color);
    FcPatternGetInteger(pattern, FC_INDEX, 0, &font.index);
    const bool is_known = FcPatternGetString(pattern, FC_FILE, 0, &file) == FcResultMatch &&
                          FcPatternGetCharSet(pattern, FC_CHARSET, 0, &letters) == FcResultMatch;
    if (!is_known || is_scalable == FcFalse || is_color == FcTrue) return;
    font.file = reinterpret_cast<const char*>(file);
    font.letters = FcCharSetCopy(letters);
    fonts_.push_back(std::move(font));
  }

  FT_Library library_ = nullptr;
  std::vector<Font> fonts_;
};

// A letter on its place.
struct Glyph {
  int left;  // of its first column
  int top;   // rows above the line
  int width;
  int rows;
  std::vector<std::uint8_t> alpha;
};

Glyph Copy(const FT_GlyphSlotRec& slot, int at) {
  const FT_Bitmap& bitmap = slot.bitmap;
  Glyph glyph = {at + slot.bitmap_left,
                 slot.bitmap_top,
                 static_cast<int>(bitmap.width),
                 static_cast<int>(bitmap.rows),
                 {}};
  if (bitmap.pixel_mode != FT_PIXEL_MODE_GRAY) glyph.width = glyph.rows = 0;
  for (int y = 0; y < glyph.rows; ++y) {
    const unsigned char* row = bitmap.buffer + static_cast<std::ptrdiff_t>(y) * bitmap.pitch;
    glyph.alpha.insert(glyph.alpha.end(), row, row + glyph.width);
  }
  return glyph;
}

// Puts the letters together; letters may overlap, as accents do.
TextPicture Join(const std::vector<Glyph>& glyphs, int advance) {
  TextPicture picture;
  int left = 0;
  int right = advance;
  int descent = 0;
  for (const Glyph& glyph : glyphs) {
    left = std::min(left, glyph.left);
    right = std::max(right, glyph.left + glyph.width);
    picture.ascent = std::max(picture.ascent, glyph.top);
    descent = std::max(descent, glyph.rows - glyph.top);
  }
  picture.width = right - left;
  picture.height = picture.ascent + descent;
  picture.alpha.resize(static_cast<std::size_t>(picture.width) *
                       static_cast<std::size_t>(picture.height));
  for (const Glyph& glyph : glyphs) {
    for (int y = 0; y < glyph.rows; ++y) {
      const int row = picture.ascent - glyph.top + y;
      const int column = glyph.left - left;
      const std::size_t to =
          static_cast<std::size_t>(row) * static_cast<std::size_t>(picture.width) +
          static_cast<std::size_t>(column);
      const auto from = static_cast<std::size_t>(y) * static_cast<std::size_t>(glyph.width);
      for (std::size_t x = 0; x < static_cast<std::size_t>(glyph.width); ++x) {
        picture.alpha[to + x] = std::max(picture.alpha[to + x], glyph.alpha[from + x]);
      }
    }
  }
  return picture;
}

std::mutex& Lock() {
  static std::mutex lock;
  return lock;
}

}  // namespace

bool YoloportHasLetter(std::uint32_t code_point) {
  const std::lock_guard guard(Lock());
  return Fonts::Get().FaceFor(code_point) != nullptr;
}

void YoloportDrawLetters(std::span<const std::uint32_t> code_points, int capital,
                         TextPicture& picture) {
  const std::lock_guard guard(Lock());
  const auto size = static_cast<FT_UInt>(std::lround(capital / kCapital));
  std::vector<Glyph> glyphs;
  int advance = 0;
  for (const std::uint32_t code_point : code_points) {
    const FT_Face face = Fonts::Get().FaceFor(code_point);
    if (face == nullptr || FT_Set_Pixel_Sizes(face, 0, size) != 0 ||
        FT_Load_Char(face, code_point, FT_LOAD_RENDER) != 0) {
      continue;
    }
    glyphs.push_back(Copy(*face->glyph, advance));
    advance += static_cast<int>((face->glyph->advance.x + 32) >> 6);  // of 64ths
  }
  picture = Join(glyphs, advance);
}

}  // namespace yoloport::tasks::detect::host
