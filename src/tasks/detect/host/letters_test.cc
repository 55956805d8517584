// With DejaVu, which has Latin, Cyrillic and Arabic: scripts/packages.txt.
#include "tasks/detect/host/letters.h"

#include <gtest/gtest.h>

#include <numeric>
#include <thread>

namespace yoloport::tasks::detect::host {
namespace {

TEST(LettersTest, SaysWhatCanBeDrawn) {
  EXPECT_EQ(Drawable("a ~"), "a ~");
  for (const char* text :
       {"caf\u00e9", "\u043c\u0440\u0430\u043a", "\u0628\u064e", "\u05d0", "a\u200fb"}) {
    EXPECT_EQ(Drawable(text), text);
  }
  EXPECT_EQ(Drawable("a\u0915b"), "a?b");  // needs composition
  EXPECT_EQ(Drawable("\U0010fffd"), "?");  // of no font
  EXPECT_EQ(Drawable("a\tb\x7f\u0085"), "a?b??");
  EXPECT_EQ(Drawable("\xff\xe4"
                     "b"),
            "??b");
}

int Ink(const TextPicture& picture) {
  return std::accumulate(picture.alpha.begin(), picture.alpha.end(), 0);
}

TEST(LettersTest, ArePicturesOnALine) {
  const TextPicture capital = DrawLetters("\u041c", 20);
  EXPECT_NEAR(capital.ascent, 20, 1);
  EXPECT_NEAR(capital.height, 20, 1);
  EXPECT_EQ(capital.alpha.size(), static_cast<std::size_t>(capital.width * capital.height));
  EXPECT_GT(Ink(capital), 0);
  const TextPicture descender = DrawLetters("\u0440", 20);  // like a p
  EXPECT_GT(descender.height, descender.ascent + 3);
  EXPECT_LT(descender.ascent, 18);
  const TextPicture both = DrawLetters("\u041c\u0440", 20);
  EXPECT_NEAR(both.width, capital.width + descender.width, 3);
  EXPECT_NEAR(Ink(both), Ink(capital) + Ink(descender), 10);
  EXPECT_NEAR(DrawLetters("\u041c", 40).height, 2 * capital.height, 2);
}

TEST(LettersTest, ArabicRunsFromTheRight) {
  const TextPicture alone = DrawLetters("\u0627", 20);  // ALEF: a stroke
  const TextPicture word = DrawLetters("\u0627\u0644\u0628", 20);
  // The stroke is at the right: its column is inked over the letter's height.
  int rightmost = 0;
  for (int y = 0; y < word.height; ++y) {
    for (int x = word.width - alone.width; x < word.width; ++x) {
      const int at = y * word.width + x;
      rightmost += word.alpha[static_cast<std::size_t>(at)] > 128 ? 1 : 0;
    }
  }
  EXPECT_GT(rightmost, word.ascent / 2);
}

TEST(LettersTest, WhatIsTooLongHasNoPicture) {
  std::string text;
  for (std::size_t i = 0; i <= kLongestText; ++i) text += "\u0436";
  const TextPicture picture = DrawLetters(text, 10);
  EXPECT_GT(picture.width, 2000);
  EXPECT_TRUE(picture.alpha.empty());
}

TEST(LettersTest, AreForAnyThread) {
  const TextPicture expected = DrawLetters("\u043c\u0440\u0430\u043a", 20);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 50; ++j) {
        EXPECT_EQ(DrawLetters("\u043c\u0440\u0430\u043a", 20).alpha, expected.alpha);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace yoloport::tasks::detect::host
