// What is expected are the names of Unicode's characters.
#include "tasks/detect/host/writing.h"

#include <gtest/gtest.h>

namespace yoloport::tasks::detect::host {
namespace {

using Text = std::vector<std::uint32_t>;

TEST(WritingTest, TextFromTheLeftStaysAsItIs) {
  const Text text = {'a', 0xE9, ' ', 0x43C, 0x4EBA, '(', '1', ')'};
  EXPECT_EQ(AsWritten(text), text);
  EXPECT_EQ(AsWritten({}), Text());
}

TEST(WritingTest, LettersOfArabicAreJoined) {
  // BEH HEH TEH: initial, medial, final - the last one is at the left.
  EXPECT_EQ(AsWritten({0x628, 0x647, 0x62A}), (Text{0xFE96, 0xFEEC, 0xFE91}));
  EXPECT_EQ(AsWritten({0x628}), Text{0xFE8F});
  // DAL REH BEH: none of the first two joins to what follows it.
  EXPECT_EQ(AsWritten({0x62F, 0x631, 0x628}), (Text{0xFE8F, 0xFEAD, 0xFEA9}));
  // BEH FATHA BEH: vowels are passed over.
  EXPECT_EQ(AsWritten({0x628, 0x64E, 0x628}), (Text{0xFE90, 0x64E, 0xFE91}));
  // TATWEEL BEH TATWEEL, HAMZA BEH
  EXPECT_EQ(AsWritten({0x640, 0x628, 0x640}), (Text{0x640, 0xFE92, 0x640}));
  EXPECT_EQ(AsWritten({0x621, 0x628}), (Text{0xFE8F, 0xFE80}));
  // PEH FARSI-YEH of Persian
  EXPECT_EQ(AsWritten({0x67E, 0x6CC}), (Text{0xFBFD, 0xFB58}));
}

TEST(WritingTest, LamAndAlefAreOneLetter) {
  EXPECT_EQ(AsWritten({0x644, 0x627}), Text{0xFEFB});
  EXPECT_EQ(AsWritten({0x628, 0x644, 0x623}), (Text{0xFEF8, 0xFE91}));
  EXPECT_EQ(AsWritten({0x644, 0x627, 0x628}),
            (Text{0xFE8F, 0xFEFB}));  // it joins to nothing behind
}

TEST(WritingTest, TextFromTheRightIsTurnedAround) {
  const std::uint32_t alef = 0x5D0;
  const std::uint32_t bet = 0x5D1;
  EXPECT_EQ(AsWritten({alef, bet, ' ', '0', '.', '8', '7'}),
            (Text{bet, alef, ' ', '0', '.', '8', '7'}));
  EXPECT_EQ(AsWritten({alef, ' ', '(', bet, ')', alef}), (Text{alef, '(', bet, ')', ' ', alef}));
  EXPECT_EQ(AsWritten({'a', ' ', alef, bet, ' ', 'b', alef, bet}),
            (Text{'a', ' ', bet, alef, ' ', 'b', bet, alef}));
  // Digits of Arabic go from the left.
  EXPECT_EQ(AsWritten({alef, 0x661, 0x662}), (Text{alef, 0x661, 0x662}));
}

TEST(WritingTest, MarksWithoutAShapeAreLeftOut) {
  EXPECT_EQ(AsWritten({0x200F, 'a', 0xFE0F, 'b', 0xFEFF}), (Text{'a', 'b'}));
}

TEST(WritingTest, ScriptsThatNeedComposition) {
  for (const std::uint32_t c : {0x915, 0xC95, 0xF40, 0x1000, 0x1780}) {
    EXPECT_TRUE(NeedsComposition(c)) << c;
  }
  for (const std::uint32_t c : {0x41, 0x43C, 0x5D0, 0x628, 0xE01, 0x10D0, 0x1100, 0x4EBA, 0xAC00}) {
    EXPECT_FALSE(NeedsComposition(c)) << c;
  }
}

}  // namespace
}  // namespace yoloport::tasks::detect::host
