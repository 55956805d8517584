#include "config/mmengine/merge.h"

#include "config/mmengine/dump.h"
#include "testing/config_texts.h"

namespace yoloport::config::mmengine {
namespace {

using python::Value;

// `child` over `base`, both texts of configs.
class MergeFilesTest : public test_support::FolderTest {
 protected:
  std::string Merged(const std::string& base, const std::string& child) const {
    Write("base.py", base);
    const auto path = Write("child.py", "_base_ = 'base.py'\n" + child);
    try {
      return Config::Load(path).ToPython(-1);
    } catch (const ConfigError& error) {
      return WithoutFolder(error.what());
    }
  }
};

TEST_F(MergeFilesTest, DictsMergeAndAllElseReplaces) {
  EXPECT_EQ(Merged("a = dict(x=1, y=dict(z=2))", "a = dict(y=dict(w=3), x=[1])"),
            "{'a': {'x': [1], 'y': {'z': 2, 'w': 3}}}");
  EXPECT_EQ(Merged("a = [dict(x=1)]", "a = [dict(y=2)]"), "{'a': [{'y': 2}]}");
  EXPECT_EQ(Merged("a = dict(x=1)", "a = None"), "{'a': None}");
}

TEST_F(MergeFilesTest, KeysKeepThePlaceOfTheBase) {
  EXPECT_EQ(Merged("a = 1\nb = 2\nc = 3", "d = 4\nb = 5"), "{'a': 1, 'b': 5, 'c': 3, 'd': 4}");
}

TEST_F(MergeFilesTest, DeleteReplacesWhereTheKeyIsThere) {
  EXPECT_EQ(Merged("a = dict(x=1)", "a = dict(_delete_=True, y=2)"), "{'a': {'y': 2}}");
  EXPECT_EQ(Merged("a = dict(x=1)", "a = dict(_delete_=False, y=2)"), "{'a': {'x': 1, 'y': 2}}");
  EXPECT_EQ(Merged("a = 1", "a = dict(_delete_=True, y=2)"), "{'a': {'y': 2}}");
  // MMEngine leaves it in where it deletes nothing.
  EXPECT_EQ(Merged("a = dict(x=1)", "b = dict(_delete_=True)"),
            "{'a': {'x': 1}, 'b': {'_delete_': True}}");
}

TEST_F(MergeFilesTest, SharedDictsAreMergedEachForItself) {
  EXPECT_EQ(
      Merged("a = dict(x=1)\nb = dict(x=1)", "s = dict(_delete_=True, y=2)\na = s\nb = s\ndel s"),
      "{'a': {'y': 2}, 'b': {'y': 2}}");
}

TEST_F(MergeFilesTest, ListsAreNotMergedByNumber) {
  EXPECT_EQ(
      Merged("a = [1, 2]", "a = {'0': 3}"),
      "FOLDER/child.py:2:1: 'a' is a dict here and a list in the base, at FOLDER/base.py:1:5\n"
      "a = {'0': 3}\n"
      "^\n"
      "hint: to replace it, add _delete_=True to the dict");
}

TEST_F(MergeFilesTest, NamesOfTwoUnderscoresStayInTheirFile) {
  EXPECT_EQ(Merged("__a = 1\n_b = 2", "__c = 3"), "{'_b': 2}");
  EXPECT_EQ(Merged("_deprecation_ = dict(expected='x')\na = 1", ""), "{'a': 1}");
}

TEST(CopyTreeTest, NothingIsSharedAfterwards) {
  python::Sources sources;
  python::Heap heap(sources);
  sources.Add("t.py", "");
  const Value inner = heap.List({Value::Int(1, {})}, {});
  const Value copy = CopyTree(heap, heap.List({inner, inner}, {}));
  copy.items()[0].items()[0] = Value::Int(2, {});
  EXPECT_EQ(DumpPython(sources, copy, -1), "[[2], [1]]");
  EXPECT_EQ(DumpPython(sources, inner, -1), "[1]");
}

}  // namespace
}  // namespace yoloport::config::mmengine
