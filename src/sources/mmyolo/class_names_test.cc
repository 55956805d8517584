#include "sources/mmyolo/class_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "config/config.h"

namespace yoloport::sources::mmyolo {
namespace {

using checkpoint::CheckpointMeta;
using testing::ElementsAre;
using testing::IsEmpty;
using Color = std::array<int, 3>;

std::vector<std::string> NamesIn(const std::string& config, std::size_t count,
                                 const CheckpointMeta& checkpoint = {}) {
  return NamesOfClasses(config::Config::FromText(config, "t.py").root(), checkpoint, count);
}

TEST(ClassNamesTest, AreThoseOfTheMetainfoInItsOrder) {
  EXPECT_THAT(NamesIn("metainfo = dict(classes=('b', 'a', 'c'))", 3), ElementsAre("b", "a", "c"));
  EXPECT_THAT(NamesIn("metainfo = dict(CLASSES=['b', 'a'])", 2), ElementsAre("b", "a"));
  EXPECT_THAT(NamesIn("metainfo = dict(classes='one')", 1), ElementsAre("one"));
}

TEST(ClassNamesTest, TheTestDatasetsGoFirst) {
  EXPECT_THAT(NamesIn("metainfo = dict(classes=('file', ))\n"
                      "test_dataloader = dict(dataset=dict(metainfo=dict(classes=('set', ))))",
                      1),
              ElementsAre("set"));
  EXPECT_THAT(NamesIn("metainfo = dict(classes=('file', ))\n"
                      "test_dataloader = dict(dataset=dict(type='ConcatDataset', datasets=["
                      "dict(metainfo=dict(classes=('first', ))), dict()]))",
                      1),
              ElementsAre("first"));
}

TEST(ClassNamesTest, VariablesAreTheLastResort) {
  EXPECT_THAT(NamesIn("class_name = ('b', 'a')", 2), ElementsAre("b", "a"));
  EXPECT_THAT(NamesIn("CLASSES = ['b', 'a']", 2), ElementsAre("b", "a"));
  EXPECT_THAT(NamesIn("class_name = ('b', )\nmetainfo = dict(classes=('c', ))", 1),
              ElementsAre("c"));
  EXPECT_THAT(NamesIn("classes = 80\nclass_names = dict(a=1)", 1), IsEmpty());
  EXPECT_THAT(NamesIn("x = 1", 1), IsEmpty());
}

// A dataset's own names stay beside those that a config gives under the old key.
TEST(ClassNamesTest, TheListThatFitsTheHeadCounts) {
  CheckpointMeta meta;
  meta.classes = {"person", "bicycle", "car"};
  meta.other_classes = {{"apple", "pear"}};
  EXPECT_THAT(NamesIn("x = 1", 3, meta), ElementsAre("person", "bicycle", "car"));
  EXPECT_THAT(NamesIn("x = 1", 2, meta), ElementsAre("apple", "pear"));
  EXPECT_THAT(NamesIn("metainfo = dict(classes='plum')", 1, meta), ElementsAre("plum"));
  EXPECT_THAT(NamesIn("metainfo = dict(classes=('a', 'b', 'c', 'd'), CLASSES=('plum', ))", 1),
              ElementsAre("plum"));
  EXPECT_THAT(NamesIn("class_name = ('plum', )\nmetainfo = dict(classes=('a', 'b'))", 1),
              ElementsAre("plum"));
}

TEST(ClassNamesTest, WhereNoneFitsTheFirstIsTold) {
  CheckpointMeta meta;
  meta.classes = {"person", "bicycle", "car"};
  meta.other_classes = {{"apple", "pear"}};
  EXPECT_THAT(NamesIn("metainfo = dict(classes='plum')", 7, meta),
              ElementsAre("person", "bicycle", "car"));
  EXPECT_THAT(NamesIn("metainfo = dict(classes='plum')", 7), ElementsAre("plum"));
}

// Of a config that calculates its names, where the checkpoint has them.
TEST(ClassNamesTest, TheConfigIsReadOnlyWhereItIsNeeded) {
  CheckpointMeta meta;
  meta.classes = {"apple"};
  EXPECT_THAT(NamesIn("metainfo = dict(classes=(1, 2))", 1, meta), ElementsAre("apple"));
}

TEST(ClassPaletteTest, HasAColorForEachClassOrNone) {
  const config::ConfigNode root =
      config::Config::FromText("metainfo = dict(palette=[(1, 2, 3), (4, 5, 6)])", "t.py").root();
  std::vector<std::string> notes;
  EXPECT_THAT(ClassPalette(root, {}, 2, notes), ElementsAre(Color{1, 2, 3}, Color{4, 5, 6}));
  EXPECT_THAT(ClassPalette(root, {}, 3, notes), IsEmpty());
  CheckpointMeta meta;
  meta.palette = {{7, 8, 9}};
  meta.other_palettes = {{{1, 1, 1}, {2, 2, 2}, {3, 3, 3}}};
  EXPECT_THAT(ClassPalette(root, meta, 1, notes), ElementsAre(Color{7, 8, 9}));
  EXPECT_THAT(ClassPalette(root, meta, 2, notes), ElementsAre(Color{1, 2, 3}, Color{4, 5, 6}));
  EXPECT_THAT(ClassPalette(root, meta, 3, notes),
              ElementsAre(Color{1, 1, 1}, Color{2, 2, 2}, Color{3, 3, 3}));
}

// A palette that is stated and not used is said.
TEST(ClassPaletteTest, APaletteThatCannotBeUsedIsNoted) {
  const auto note = [](const std::string& text) {
    std::vector<std::string> notes;
    EXPECT_THAT(ClassPalette(config::Config::FromText(text, "t.py").root(), {}, 2, notes),
                IsEmpty());
    return notes.empty() ? "none" : notes.at(0);
  };
  const auto of_palette = [&](const std::string& palette) {
    return note("metainfo = dict(palette=" + palette + ")");
  };
  const std::string kNoList =
      "t.py:1:25: 'metainfo.palette' is not a list of colors, each red, green and blue: default "
      "colors are used";
  EXPECT_EQ(of_palette("'coco'"), kNoList);
  EXPECT_EQ(of_palette("[(1, 2, 3), 4]"), kNoList);
  EXPECT_EQ(of_palette("[(1, 2, 3), (4, 5)]"), kNoList);
  EXPECT_EQ(of_palette("[(1, 2, 3)]"),
            "t.py:1:25: 'metainfo.palette' has 1 colors for 2 classes: default colors are used");
}

TEST(ClassPaletteTest, APaletteThatIsNotKnownIsNoted) {
  std::vector<std::string> notes;
  const auto note = [&](const std::string& text) {
    notes.clear();
    EXPECT_THAT(ClassPalette(config::Config::FromText(text, "t.py").root(), {}, 2, notes),
                IsEmpty());
    return notes.empty() ? "none" : notes.at(0);
  };
  EXPECT_EQ(note("import random as r\nmetainfo = dict(palette=[(1, 2, 3), r.choices(range(9))])"),
            "'metainfo.palette' is not known (t.py:2:39: r.choices() is not run): default colors "
            "are used");
  EXPECT_EQ(note("import json\nmetainfo = json.load(1)"),
            "'metainfo' is not known (t.py:2:17: json.load() is not run): default colors are used");
  EXPECT_EQ(note("from a.b import colors\nmetainfo = dict(palette=colors)"),
            "'metainfo.palette' is not known (t.py:1:17: 'a.b.colors' is imported, and nothing of "
            "it is run): default colors are used");
  EXPECT_EQ(note("x = 1"), "none");
}

}  // namespace
}  // namespace yoloport::sources::mmyolo
