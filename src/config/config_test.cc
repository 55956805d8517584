#include "config/config.h"

#include "testing/config_texts.h"

namespace yoloport::config {
namespace {

using test_support::ErrorOf;

Config Sample() {
  return Config::FromText(
      "model = dict(\n"
      "    type='Net',\n"
      "    widen=0.5,\n"
      "    bins=16,\n"
      "    flag=True,\n"
      "    nothing=None,\n"
      "    sizes=(1, 2.5, 3),\n"
      "    layers=[dict(k=1), dict(k='a')])\n",
      "t.py");
}

TEST(ConfigNodeTest, TypedAccess) {
  const Config config = Sample();
  const ConfigNode model = config.root()["model"];
  EXPECT_EQ(model["type"].AsString(), "Net");
  EXPECT_EQ(model["widen"].AsDouble(), 0.5);
  EXPECT_EQ(model["bins"].AsInt(), 16);
  EXPECT_EQ(model["bins"].AsDouble(), 16.0);
  EXPECT_TRUE(model["flag"].AsBool());
  EXPECT_TRUE(model["nothing"].IsNone());
  EXPECT_TRUE(model["sizes"].IsList());
  EXPECT_TRUE(model["sizes"].IsTuple());
  EXPECT_EQ(model["sizes"].AsDoubles(), (std::vector<double>{1, 2.5, 3}));
  EXPECT_EQ(model["layers"][0]["k"].AsInt(), 1);
  EXPECT_EQ(model["layers"][1]["k"].path(), "model.layers[1].k");
  EXPECT_EQ(model["layers"][1]["k"].place(), "t.py:8:31");
  EXPECT_EQ(model.size(), 7U);
  EXPECT_EQ(model.Keys()[1], "widen");
}

TEST(ConfigNodeTest, Defaults) {
  const Config config = Sample();
  const ConfigNode model = config.root()["model"];
  EXPECT_EQ(model.Get("widen", 1.0), 0.5);
  EXPECT_EQ(model.Get("bins", 1.0), 16.0);
  EXPECT_EQ(model.Get("absent", 1.0), 1.0);
  EXPECT_EQ(model.Get("nothing", 7), 7);
  EXPECT_EQ(model.Get("absent", true), true);
  EXPECT_EQ(model.Get("type", "x"), "Net");
  EXPECT_EQ(model.Get("absent", "x"), "x");
  EXPECT_TRUE(model.Has("nothing"));
  EXPECT_FALSE(model.Find("absent").has_value());
}

TEST(ConfigNodeTest, ErrorsShowWhereTheValueWasWritten) {
  const Config config = Sample();
  const ConfigNode model = config.root()["model"];
  EXPECT_EQ(ErrorOf([&] { model["bins"].AsString(); }),
            "t.py:4:10: 'model.bins': expected a str, found an int\n"
            "    bins=16,\n"
            "         ^");
  EXPECT_EQ(ErrorOf([&] { model["flag"].AsInt(); }),
            "t.py:5:10: 'model.flag': expected an int, found a bool\n"
            "    flag=True,\n"
            "         ^");
  EXPECT_EQ(ErrorOf([&] { model["sizes"].AsInts(); }),
            "t.py:7:15: 'model.sizes[1]': expected an int, found a float\n"
            "    sizes=(1, 2.5, 3),\n"
            "              ^");
  EXPECT_EQ(ErrorOf([&] { model["widden"]; }),
            "t.py:1:9: 'model': the key 'widden' is missing\n"
            "model = dict(\n"
            "        ^\n"
            "hint: there is a key 'widen'");
  EXPECT_EQ(ErrorOf([&] { model["layers"][2]; }),
            "t.py:8:12: 'model.layers': element 2 is needed, and there are 2\n"
            "    layers=[dict(k=1), dict(k='a')])\n"
            "           ^");
  EXPECT_EQ(ErrorOf([&] { model["type"]["x"]; }),
            "t.py:2:10: 'model.type': expected a dict, found a str\n"
            "    type='Net',\n"
            "         ^");
  EXPECT_EQ(ErrorOf([&] { model["widen"].Fail("must be above 1", "use 1"); }),
            "t.py:3:11: 'model.widen': must be above 1\n"
            "    widen=0.5,\n"
            "          ^\n"
            "hint: use 1");
}

TEST(ConfigNodeTest, KeysThatNobodyAskedFor) {
  const Config config = Sample();
  const ConfigNode model = config.root()["model"];
  model["type"];
  model["layers"][0]["k"];
  model.Ignore({"widen", "nothing", "absent"});
  EXPECT_EQ(ErrorOf([&] { model.RequireAllUsed(); }),
            "t.py:4:5: 'model.bins' is not understood: it would change the network\n"
            "    bins=16,\n"
            "    ^\n"
            "and 'model.flag' at t.py:5:5\n"
            "and 'model.sizes' at t.py:7:5\n"
            "and 'model.layers[1].k' at t.py:8:29");
  model["bins"];
  model.Has("flag");
  model["sizes"];
  model["layers"][1].Get("k", "");
  EXPECT_EQ(ErrorOf([&] { model.RequireAllUsed(); }), "no error");
  EXPECT_EQ(ErrorOf([&] { config.root().RequireAllUsed(); }), "no error");
}

TEST(ConfigNodeTest, ScopesChangeNoNetwork) {
  const Config config = Config::FromText("m = dict(k=dict(_scope_='mmyolo'), _scope_='x')", "t.py");
  const ConfigNode m = config.root()["m"];
  m["k"];
  EXPECT_EQ(ErrorOf([&] { m.RequireAllUsed(); }), "no error");
}

TEST(ConfigNodeTest, ManyUnusedKeysAreCut) {
  const Config config = Config::FromText("m = {f'k{i}': i for i in range(15)}", "t.py");
  const std::string error = ErrorOf([&] { config.root()["m"].RequireAllUsed(); });
  EXPECT_EQ(error.substr(error.rfind('\n')), "\n... and 5 more");
}

TEST(ConfigNodeTest, NodesKeepTheConfigAlive) {
  const ConfigNode node = Sample().root()["model"]["type"];
  EXPECT_EQ(node.AsString(), "Net");
}

TEST(ConfigTest, Json) {
  const Config config = Config::FromText(
      "a = (1, 2.0, None, True)\nb = {1: float('inf'), None: float('nan')}\nc = '\\x07\"'\nd = {}",
      "t.py");
  EXPECT_EQ(config.ToJson(-1),
            "{\"a\": [1, 2.0, null, true], \"b\": {\"1\": \"Infinity\", \"None\": \"NaN\"}, "
            "\"c\": \"\\u0007\\\"\", \"d\": {}}");
  EXPECT_EQ(Config::FromText("a = [1, []]", "t.py").ToJson(2),
            "{\n  \"a\": [\n    1,\n    []\n  ]\n}");
}

TEST(ConfigTest, MergedValuesKnowTheirOwnPlace) {
  const Config config = Config::Load("testdata/config/inherit.py");
  const ConfigNode model = config.root()["model"];
  EXPECT_EQ(model["backbone"]["type"].place(), "testdata/config/bases/model.py:5:24");
  EXPECT_EQ(model["head"]["head_module"]["num_classes"].place(), "testdata/config/inherit.py:4:15");
}

}  // namespace
}  // namespace yoloport::config
