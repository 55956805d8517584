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

}  // namespace
}  // namespace yoloport::config::mmengine
