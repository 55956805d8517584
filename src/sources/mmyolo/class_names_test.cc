#include "sources/mmyolo/class_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "config/config.h"

namespace yoloport::sources::mmyolo {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Color = std::array<int, 3>;

std::vector<std::string> NamesIn(const std::string& config) {
  return ConfigClassNames(config::Config::FromText(config, "t.py").root());
}

TEST(ClassNamesTest, AreThoseOfTheMetainfoInItsOrder) {
  EXPECT_THAT(NamesIn("metainfo = dict(classes=('b', 'a', 'c'))"), ElementsAre("b", "a", "c"));
  EXPECT_THAT(NamesIn("metainfo = dict(CLASSES=['b', 'a'])"), ElementsAre("b", "a"));
  EXPECT_THAT(NamesIn("metainfo = dict(classes='one')"), ElementsAre("one"));
}

TEST(ClassNamesTest, TheTestDatasetsGoFirst) {
  EXPECT_THAT(NamesIn("metainfo = dict(classes=('file', ))\n"
                      "test_dataloader = dict(dataset=dict(metainfo=dict(classes=('set', ))))"),
              ElementsAre("set"));
  EXPECT_THAT(NamesIn("metainfo = dict(classes=('file', ))\n"
                      "test_dataloader = dict(dataset=dict(type='ConcatDataset', datasets=["
                      "dict(metainfo=dict(classes=('first', ))), dict()]))"),
              ElementsAre("first"));
}

TEST(ClassNamesTest, ClassNameIsTheLastResort) {
  EXPECT_THAT(NamesIn("class_name = ('b', 'a')"), ElementsAre("b", "a"));
  EXPECT_THAT(NamesIn("class_name = ('b', 'a')\nmetainfo = dict(classes=('c', ))"),
              ElementsAre("c"));
  EXPECT_THAT(NamesIn("x = 1"), IsEmpty());
}

TEST(ClassPaletteTest, HasAColorForEachClassOrNone) {
  const config::ConfigNode root =
      config::Config::FromText("metainfo = dict(palette=[(1, 2, 3), (4, 5, 6)])", "t.py").root();
  EXPECT_THAT(ClassPalette(root, {}, 2), ElementsAre(Color{1, 2, 3}, Color{4, 5, 6}));
  EXPECT_THAT(ClassPalette(root, {}, 3), IsEmpty());
  EXPECT_THAT(ClassPalette(root, {{7, 8, 9}}, 1), ElementsAre(Color{7, 8, 9}));
}

}  // namespace
}  // namespace yoloport::sources::mmyolo
