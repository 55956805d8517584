#include "config/mmengine/loader.h"

#include "config/python/limits.h"
#include "testing/config_texts.h"

namespace yoloport::config::mmengine {
namespace {

using LoaderTest = test_support::FolderTest;

TEST_F(LoaderTest, LineEndsAndByteOrderMark) {
  const auto path = Write("a.py", "\xEF\xBB\xBFx = '''a\r\nb'''\r\nif x:\r\n  y = \\\r\n 2\r\n");
  EXPECT_EQ(Config::Load(path).ToPython(-1), "{'x': 'a\\nb', 'y': 2}");
}

TEST_F(LoaderTest, EmptyConfigs) {
  EXPECT_EQ(Config::Load(Write("a.py", "")).ToPython(), "{}");
  EXPECT_EQ(Config::Load(Write("b.py", "\n# nothing\n\n")).ToJson(), "{}");
}

TEST_F(LoaderTest, RefusesWhatIsNoText) {
  EXPECT_EQ(LoadError(Write("nul.py", std::string("a\0b", 3))),
            "'FOLDER/nul.py': binary data, not a config");
  EXPECT_EQ(LoadError(Write("wide.py", std::string("\xFF\xFE\x61\x00", 4))),
            "'FOLDER/wide.py': UTF-16 text\nhint: save it as UTF-8");
  EXPECT_EQ(LoadError(Write("latin.py", "a = '\xE9'")),
            "'FOLDER/latin.py': not UTF-8 text\nhint: save it as UTF-8");
  EXPECT_EQ(LoadError(Write("large.py", std::string(2 << 20, '#'))),
            "'FOLDER/large.py': more than 1.0 MiB: not a config");
  EXPECT_EQ(LoadError(Write("a.txt", "a = 1")),
            "'FOLDER/a.txt': a config must be a .py or a .json file");
  EXPECT_EQ(LoadError(folder_ / "none.py"), "'FOLDER/none.py': no such file");
  EXPECT_EQ(LoadError(folder_), "'FOLDER': is a directory, not a file");
  EXPECT_EQ(LoadError("/dev/zero"), "'/dev/zero': is not a regular file");
}

TEST_F(LoaderTest, FileNamesAreSubstituted) {
  const auto path = Write(
      "some.name.py", "d = '{{ fileDirname }}'\nn = '{{fileBasenameNoExtension}}{{fileExtname}}'");
  EXPECT_EQ(Config::Load(path).root()["d"].AsString(), folder_.string());
  EXPECT_EQ(Config::Load(path).root()["n"].AsString(), "some.name.py");
}

TEST_F(LoaderTest, ChainsAreBounded) {
  for (int i = 0; i < 30; ++i) {
    Write(std::to_string(i) + ".py", "_base_ = '" + std::to_string(i + 1) + ".py'");
  }
  EXPECT_EQ(LoadError(folder_ / "0.py").substr(0, 73),
            "FOLDER/19.py:1:10: more than 20 files based on one another ('FOLDER/0.py'");
}

TEST_F(LoaderTest, TreesAreBounded) {
  for (int i = 0; i < 15; ++i) {
    const std::string next = std::to_string(i + 1) + ".py";
    std::string text = "_base_ = ['";
    text.append(next).append("', '").append(next).append("']");
    Write(std::to_string(i) + ".py", text);
  }
  Write("15.py", "");
  EXPECT_EQ(LoadError(folder_ / "0.py"),
            "FOLDER/14.py:1:11: more than 200 base files\n"
            "_base_ = ['15.py', '15.py']\n"
            "          ^");
}

TEST_F(LoaderTest, BasesOfOtherPackages) {
  Write("site/mmdet/.mim/configs/_base_/model.py",
        "model = dict(backbone=dict(type='R', inner=dict(type='I')), head=dict(n=1, "
        "x=dict(type='X')))\n"
        "hooks = [dict(type='H')]");
  const auto path =
      Write("a.py", "_base_ = 'mmdet::_base_/model.py'\nmodel = dict(own=dict(type='O'))");
  const std::string expected =
      "{'model': {'backbone': {'type': 'R', 'inner': {'type': 'I'}, '_scope_': 'mmdet'}, "
      "'head': {'n': 1, 'x': {'type': 'X', '_scope_': 'mmdet'}}, 'own': {'type': 'O'}}, "
      "'hooks': [{'type': 'H', '_scope_': 'mmdet'}]}";
  ConfigOptions options;
  options.package_search = {folder_ / "site"};
  EXPECT_EQ(Config::Load(path, options).ToPython(-1), expected);
  for (const char* folder : {"site/mmdet", "site/mmdet/.mim", "site/mmdet/.mim/configs"}) {
    ConfigOptions given;
    given.packages["mmdet"] = folder_ / folder;
    EXPECT_EQ(Config::Load(path, given).ToPython(-1), expected) << folder;
  }
  EXPECT_EQ(LoadError(path),
            "FOLDER/a.py:1:10: this config belongs to the package 'mmdet', which was not found\n"
            "_base_ = 'mmdet::_base_/model.py'\n"
            "         ^\n"
            "hint: say where its configs are with --package-path mmdet=DIR");
}

TEST_F(LoaderTest, NeighboursOfAnInstalledPackageAreFound) {
  Write("site/mmdet/.mim/configs/_base_/a.py", "a = 1");
  const auto path = Write("site/mmyolo/.mim/configs/x/b.py", "_base_ = 'mmdet::_base_/a.py'");
  EXPECT_EQ(Config::Load(path).ToPython(-1), "{'a': 1}");
}

TEST_F(LoaderTest, AConfigNamedByAnother) {
  Write("site/mmyolo/.mim/configs/s.py", "a = 1");
  const auto path =
      Write("site/mmrazor/.mim/configs/x.py", "x = ['mmyolo::s.py', 's.py', 1, 'mmyolo::none.py']");
  ConfigOptions options;
  options.overrides = {"x=None"};
  const ConfigNode names = Config::Load(path).root()["x"];
  EXPECT_EQ(Config::LoadNamed(names[0], options).ToPython(-1), "{'a': 1}");
  EXPECT_EQ(WithoutFolder(test_support::ErrorOf([&] { Config::LoadNamed(names[1]); })),
            "FOLDER/site/mmrazor/.mim/configs/x.py:1:22: 'x[1]': a config is named PACKAGE::PATH\n"
            "x = ['mmyolo::s.py', 's.py', 1, 'mmyolo::none.py']\n"
            "                     ^");
  EXPECT_EQ(WithoutFolder(test_support::ErrorOf([&] { Config::LoadNamed(names[3]); })),
            "FOLDER/site/mmrazor/.mim/configs/x.py:1:33: 'x[3]': the config cannot be read: "
            "'FOLDER/site/mmyolo/.mim/configs/none.py': no such file\n"
            "x = ['mmyolo::s.py', 's.py', 1, 'mmyolo::none.py']\n"
            "                                ^");
}

TEST_F(LoaderTest, WhatABaseChangesStaysInItsOwnFile) {
  Write("base.py", "x = [1]\ny = x");
  const auto path = Write("a.py", "_base_ = 'base.py'\n_base_.x.append(2)\n_base_.new = dict(k=1)");
  // Shared within the base, apart for those who inherit from it.
  EXPECT_EQ(Config::Load(path).ToPython(-1), "{'x': [1, 2], 'y': [1], 'new': {'k': 1}}");
}

TEST_F(LoaderTest, TextsHaveNoBases) {
  EXPECT_EQ(test_support::EvaluationError("_base_ = 'a.py'"),
            "t.py:1:10: this text is no file, so it cannot have a _base_\n"
            "_base_ = 'a.py'\n"
            "         ^\n"
            "hint: give the config file itself");
}

}  // namespace
}  // namespace yoloport::config::mmengine
