// Lazy configs. What is expected is what MMEngine 0.10.7's Config.fromfile(FILE).to_dict() gives.
#include "config/mmengine/lazy.h"

#include "testing/config_texts.h"

namespace yoloport::config::mmengine {
namespace {

using LazyTest = test_support::FolderTest;

constexpr const char* kReadBase = "from mmengine.config import read_base\nwith read_base():\n    ";

TEST_F(LazyTest, ImportedClassesAreTheirNames) {
  const auto path =
      Write("a.py",
            "import torch.nn as nn\nimport mmdet.models\nfrom mmcv.ops import nms as n\n"
            "from torch.optim import SGD\n"
            "x = [nn.ReLU, mmdet.models.RTMDet, n, SGD, n.inner, nn, mmdet]\n"
            "d = dict(type=SGD, lr=0.1)");
  EXPECT_EQ(Config::Load(path).ToPython(-1),
            "{'x': ['torch.nn.ReLU', 'mmdet.models.RTMDet', 'mmcv.ops.nms', 'torch.optim.SGD', "
            "'mmcv.ops.nms.inner', 'torch.nn.torch.nn', 'mmdet.mmdet'], "
            "'d': {'type': 'torch.optim.SGD', 'lr': 0.1}}");
  const ConfigNode type = Config::Load(path).root()["d"]["type"];
  EXPECT_TRUE(type.IsString());
  EXPECT_TRUE(type.IsImported());
  EXPECT_FALSE(type.IsUnknown());
  EXPECT_EQ(type.AsString(), "torch.optim.SGD");
}

TEST_F(LazyTest, BasesAreFilesBesideTheConfig) {
  Write("_base_/run.py",
        "from mmengine.hooks import IterTimerHook\nimport os\n"
        "hooks = dict(timer=dict(type=IterTimerHook), n=[1, 2])\nlevel = 'INFO'");
  Write("models/net.py", std::string(kReadBase) +
                             "from .._base_.run import level as l\n"
                             "model = dict(type='Net', head=dict(k=1, m=2), name=l)\nother = 3");
  const auto path = Write("exp/a.py", std::string(kReadBase) +
                                          "from .._base_.run import *\n"
                                          "    from ..models.net import model\n"
                                          "hooks.n.append(3)\nmodel.head.k = 5\n"
                                          "model.update(dict(head=dict(m=4), z=dict(y=1)))\n"
                                          "hook = dict(type=IterTimerHook)");
  EXPECT_EQ(Config::Load(path).ToPython(-1),
            "{'hooks': {'timer': {'type': 'mmengine.hooks.IterTimerHook'}, 'n': [1, 2, 3]}, "
            "'level': 'INFO', "
            "'model': {'type': 'Net', 'head': {'k': 5, 'm': 4}, 'name': 'INFO', 'z': {'y': 1}}, "
            "'hook': {'type': 'mmengine.hooks.IterTimerHook'}}");
  EXPECT_EQ(Config::Load(path).files().size(), 4U);
}

TEST_F(LazyTest, MergingInPlace) {
  Write("b.py", "m = dict(a=dict(b=1, c=2), d=[1], e=dict(f=1))");
  const auto path = Write("a.py", std::string(kReadBase) +
                                      "from .b import *\n"
                                      "m.merge(dict(a=dict(b=3), e=dict(_delete_=True, g=2), "
                                      "h=dict(_delete_=True, i=1)))");
  EXPECT_EQ(Config::Load(path).ToPython(-1),
            "{'m': {'a': {'b': 3, 'c': 2}, 'd': [1], 'e': {'g': 2}, 'h': {'i': 1}}}");
}

TEST_F(LazyTest, BasesInPackages) {
  Write("site/mmdet/configs/_base_/run.py", "level = 'INFO'");
  const auto path =
      Write("a.py", std::string(kReadBase) + "from mmdet.configs._base_.run import *");
  for (const char* folder : {"site/mmdet", "site", "site/mmdet/configs"}) {
    ConfigOptions options;
    options.packages["mmdet"] = folder_ / folder;
    EXPECT_EQ(Config::Load(path, options).ToPython(-1), "{'level': 'INFO'}") << folder;
  }
  EXPECT_EQ(LoadError(path),
            "FOLDER/a.py:3:5: this config belongs to the package 'mmdet', which was not found\n"
            "    from mmdet.configs._base_.run import *\n"
            "    ^\n"
            "hint: say where its configs are with --package-path mmdet=DIR");
}

TEST_F(LazyTest, TemplatesAreTextThere) {
  const auto path = Write("a.py", "import torch\nx = '{{ fileBasename }}'");
  EXPECT_EQ(Config::Load(path).ToPython(-1), "{'x': '{{ fileBasename }}'}");
  EXPECT_EQ(Config::Load(Write("b.py", "import os\nx = '{{ fileBasename }}'")).ToPython(-1),
            "{'x': 'b.py'}");
}

TEST_F(LazyTest, WhatIsWrong) {
  Write("b.py", "m = 1");
  EXPECT_EQ(LoadError(Write("a.py", std::string(kReadBase) + "from .b import n")),
            "FOLDER/a.py:3:20: the config '.b' has no 'n'\n"
            "    from .b import n\n"
            "                   ^");
  EXPECT_EQ(LoadError(Write("c.py", std::string(kReadBase) + "from .c import *")).substr(0, 41),
            "FOLDER/c.py:3:5: the bases go in a circle");
  EXPECT_EQ(LoadError(Write("d.py", std::string(kReadBase) + "x = 1")),
            "FOLDER/d.py:3:5: with read_base() holds imports of configs only\n"
            "    x = 1\n"
            "    ^\n"
            "hint: write from .NAME import *");
  EXPECT_EQ(LoadError(Write("e.py", "_base_ = 'a.py'")).substr(0, 69),
            "FOLDER/a.py:1:1: a lazy config (with read_base) cannot be the _base_ ");
  EXPECT_EQ(
      test_support::EvaluationError(std::string(kReadBase) + "from .b import *").substr(0, 61),
      "t.py:2:1: this text is no file, so it cannot have a _base_\nwi");
}

}  // namespace
}  // namespace yoloport::config::mmengine
