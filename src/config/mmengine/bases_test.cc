#include "config/mmengine/bases.h"

#include <cstdlib>

#include "testing/config_texts.h"

namespace yoloport::config::mmengine {
namespace {

class BasesTest : public test_support::FolderTest {
 protected:
  BasesTest() {
    unsetenv("VIRTUAL_ENV");
    unsetenv("CONDA_PREFIX");
  }
  ~BasesTest() override { unsetenv("VIRTUAL_ENV"); }

  // A configs folder of an installed package.
  void Install(const std::string& package, const std::string& name, const std::string& text) const {
    Write("env/lib/python3.9/site-packages/" + package + "/.mim/configs/" + name, text);
  }
  void Activate() const { setenv("VIRTUAL_ENV", (folder_ / "env").c_str(), 1); }

  std::string Notes(const Config& config) const {
    std::string all;
    for (const std::string& note : config.notes()) all += WithoutFolder(note) + "\n";
    return all;
  }
};

TEST_F(BasesTest, PackagesOfTheActiveEnvironmentAreFound) {
  Install("mmdet", "_base_/run.py", "a = 1");
  const auto path = Write("x.py", "_base_ = 'mmdet::_base_/run.py'");
  EXPECT_NE(LoadError(path), "no error");
  Activate();
  EXPECT_EQ(Config::Load(path).ToPython(-1), "{'a': 1}");
}

TEST_F(BasesTest, AConfigThatWasCopiedOutOfItsPackage) {
  Install("mmyolo", "_base_/run.py", "a = 1");
  Install("mmyolo", "yolov8/s.py", "_base_ = '../_base_/run.py'\nb = 2");
  Activate();
  const Config config = Config::Load(Write("x.py", "_base_ = ['./s.py']\nc = 3"));
  EXPECT_EQ(config.ToPython(-1), "{'a': 1, 'b': 2, 'c': 3}");
  EXPECT_EQ(
      Notes(config),
      "the base './s.py' was not found; "
      "'FOLDER/env/lib/python3.9/site-packages/mmyolo/.mim/configs/yolov8/s.py' is taken for it\n");
  EXPECT_EQ(Config::Load(Write("y.py", "_base_ = '../yolov8/s.py'")).ToPython(-1),
            "{'a': 1, 'b': 2}");
  Install("mmyolo", "yolov5/s.py", "b = 3");  // which of the two is meant is not known
  EXPECT_NE(LoadError(folder_ / "x.py"), "no error");
  ConfigOptions options;
  options.packages["mmyolo"] =
      folder_ / "env/lib/python3.9/site-packages/mmyolo/.mim/configs/yolov8";
  EXPECT_EQ(Config::Load(folder_ / "x.py", options).ToPython(-1), "{'a': 1, 'b': 2, 'c': 3}");
}

TEST_F(BasesTest, PathsOfWindows) {
  Write("_base_/run.py", "a = 1");
  const Config config =
      Config::Load(Write("x.py", "_base_ = 'D:\\\\work\\\\x\\\\_base_\\\\run.py'"));
  EXPECT_EQ(config.ToPython(-1), "{'a': 1}");
  EXPECT_EQ(
      Notes(config),
      "the base 'D:\\\\work\\\\x\\\\_base_\\\\run.py' was not found; 'FOLDER/_base_/run.py' is "
      "taken for it\n");
  EXPECT_EQ(Config::Load(Write("y/y.py", "_base_ = '..\\\\_base_\\\\run.py'")).ToPython(-1),
            "{'a': 1}");
  EXPECT_EQ(Config::Load(Write("z.py", "_base_ = 'E:/b/_base_/run.py'")).ToPython(-1), "{'a': 1}");
}

TEST_F(BasesTest, ABaseThatIsNowhere) {
  const auto path = Write("x.py", "_base_ = '../_base_/run.py'");
  EXPECT_THROW(Config::Load(path), MissingBase);
  EXPECT_THROW(Config::Load(Write("y.py", "_base_ = 'mmdet::a.py'")), MissingBase);
}

TEST_F(BasesTest, TheHintNamesThePackageOfThePath) {
  const auto hint = [&](const std::string& base) {
    const std::string error = LoadError(Write("x.py", "_base_ = '" + base + "'"));
    return error.substr(error.rfind("--package-path"));
  };
  EXPECT_EQ(hint("../mmdetection/configs/_base_/a.py"), "--package-path mmdet=DIR");
  EXPECT_EQ(hint("../mmpose/configs/_base_/a.py"), "--package-path mmpose=DIR");
  EXPECT_EQ(hint("../yolov8/a.py"), "--package-path mmyolo=DIR");
  EXPECT_EQ(hint("../_base_/a.py"), "--package-path PACKAGE=DIR");
  // Following it leads on.
  Write("packages/mmpose/configs/_base_/a.py", "a = 1");
  ConfigOptions options;
  options.packages["mmpose"] = folder_ / "packages/mmpose";
  const auto path = Write("x.py", "_base_ = '../mmpose/configs/_base_/a.py'");
  EXPECT_EQ(Config::Load(path, options).ToPython(-1), "{'a': 1}");
}

// Code that may assign every name may do so in a base, too.
TEST_F(BasesTest, ABaseOfUnknownNames) {
  Write("base.py", "a = dict(k=1)\nb = 2\nexec('a = 3')\nc = dict(k=4)\nd = 5");
  const Config config =
      Config::Load(Write("x.py",
                         "_base_ = 'base.py'\na = dict(k=6)\nd = 7\n"
                         "c = dict(_delete_=True, l=8)\ne = dict(m=9)\nf = _base_.c"));
  EXPECT_TRUE(config.root()["a"].IsUnknown());
  EXPECT_TRUE(config.root()["b"].IsUnknown());
  EXPECT_EQ(config.root()["c"]["l"].AsInt(), 8);
  EXPECT_EQ(config.root()["d"].AsInt(), 7);
  EXPECT_TRUE(config.root()["e"].IsUnknown());  // the base may have one
  EXPECT_TRUE(config.root()["f"].IsUnknown());
  EXPECT_TRUE(config.root()["g"].IsUnknown());
}

TEST_F(BasesTest, UnknownNamesOverABase) {
  Write("base.py", "a = dict(k=1)\nb = 2");
  const Config star =
      Config::Load(Write("x.py", "_base_ = 'base.py'\nfrom math import *\na = dict(l=3)\nc = 4"));
  EXPECT_EQ(star.root()["a"]["k"].AsInt(), 1);  // nothing of math changes what it does not know
  EXPECT_TRUE(star.root()["b"].IsUnknown());    // math may have one
  EXPECT_EQ(star.root()["c"].AsInt(), 4);
  const Config exec =
      Config::Load(Write("y.py", "_base_ = 'base.py'\nexec('')\na = dict(l=3)\nc = 4"));
  EXPECT_TRUE(exec.root()["a"].IsUnknown());
  EXPECT_EQ(exec.root()["c"].AsInt(), 4);
}

}  // namespace
}  // namespace yoloport::config::mmengine
