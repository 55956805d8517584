// Pickled networks as data. What a state_dict() of one has was worked out by torch's rules by hand:
// of each module its parameters, then its persistent buffers, then its children, each in order.
#include "checkpoint/module_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint/checkpoint.h"
#include "checkpoint/limits.h"
#include "testing/files/module_files.h"

namespace yoloport::checkpoint {
namespace {

using test_support::BoolCode;
using test_support::Code;
using test_support::DictCode;
using test_support::IntCode;
using test_support::ListCode;
using test_support::ModuleSpec;
using test_support::NumberCode;
using test_support::OpenError;
using test_support::PickleWriter;
using test_support::TextCode;
using test_support::TorchModule;
using test_support::TorchZip;
using testing::ElementsAre;

Checkpoint OpenContents(const std::string& contents) {
  return Checkpoint::Open(test_support::TemporaryFile(contents).path());
}

std::vector<std::string> KeysOf(const Checkpoint& checkpoint) {
  std::vector<std::string> keys;
  for (const NamedTensor& each : checkpoint.tensors()) keys.push_back(each.key);
  return keys;
}

ModuleSpec Leaf(float value) {
  return {.class_name = "a.b.Leaf", .parameters = {{"weight", {1}, {value}}}};
}

ModuleSpec Small() {
  return {.class_name = "my.place.Net",
          .attributes = {{"nc", IntCode(80)},
                         {"eps", NumberCode(0.25)},
                         {"add", BoolCode(true)},
                         {"names", DictCode({{"0", TextCode("cat")}})}},
          .parameters = {{"scale", {2}, {1, 2}}},
          .buffers = {{"anchors", {1, 2}, {3, 4}}, {"grid", {1}, {5}}},
          .children = {{"second", Leaf(6)}, {"first", Leaf(7)}},
          .not_saved = {"grid"}};
}

TEST(ModuleTreeTest, TensorsAreThoseOfItsStateDict) {
  const Checkpoint checkpoint = OpenContents(TorchModule(Small()));
  EXPECT_THAT(KeysOf(checkpoint), ElementsAre("scale", "anchors", "second.weight", "first.weight"));
  EXPECT_EQ(checkpoint.tensors()[3].tensor.values<float>()[0], 7);
  EXPECT_THAT(checkpoint.notes(), ElementsAre());
}

TEST(ModuleTreeTest, ModulesAreDataWithTheirClassNames) {
  const Checkpoint checkpoint = OpenContents(TorchModule(Small()));
  ASSERT_NE(checkpoint.modules(), nullptr);
  const Module& root = checkpoint.modules()->root;
  EXPECT_EQ(root.class_name(), "my.place.Net");
  EXPECT_EQ(root.type(), "Net");
  EXPECT_EQ(root.path(), "");
  ASSERT_EQ(root.size(), 2U);
  EXPECT_EQ(root.Children()[1].path(), "first");
  EXPECT_EQ(root["second"].class_name(), "a.b.Leaf");
  EXPECT_TRUE(root.Has("first"));
  EXPECT_FALSE(root.Has("third"));
  EXPECT_EQ(root.Get("nc").Int(), 80);
  EXPECT_EQ(root.Get("eps").Number(), 0.25);
  EXPECT_TRUE(root.Get("add").Flag());
  EXPECT_EQ(root.Get("names")["0"].Text(), "cat");
  EXPECT_EQ(root.Get("none").Int(5), 5);
  EXPECT_FALSE(root.Get("none")["of it"].exists());
  EXPECT_THAT(checkpoint.unknown_classes(), ElementsAre());  // modules are no strangers here
}

TEST(ModuleTreeTest, NumbersComeFromTensorsListsAndNumbers) {
  ModuleSpec module = Leaf(1);
  module.attributes = {{"one", IntCode(3)}, {"list", ListCode({IntCode(1), NumberCode(2.5)})}};
  const auto tensor = Code(PickleWriter().Tensor("HalfStorage", "9", 2, 0, {2}, {1}));
  module.attributes.emplace_back("tensor", tensor);
  std::vector<test_support::StorageData> data;
  const std::string code = test_support::ModuleCode(module, data);
  data.push_back({"9", std::string("\x00\x48\x00\x4c", 4)});  // 8 and 16 as halves
  const Checkpoint checkpoint = OpenContents(TorchZip(PickleWriter().Raw(code).Done(), data));
  const Module& root = checkpoint.modules()->root;
  EXPECT_THAT(root.Get("one").Numbers(), ElementsAre(3));
  EXPECT_THAT(root.Get("list").Numbers(), ElementsAre(1, 2.5));
  EXPECT_THAT(root.Get("tensor").Numbers(), ElementsAre(8, 16));
}

TEST(ModuleTreeTest, WhatStandsBesideTheModule) {
  const Checkpoint checkpoint = OpenContents(
      TorchModule(Small(), "model", {{"train_args", DictCode({{"imgsz", IntCode(320)}})}}));
  EXPECT_EQ(checkpoint.modules()->file["train_args"]["imgsz"].Int(), 320);
  EXPECT_EQ(checkpoint.modules()->file["train_args"]["imgsz"].place(), "train_args.imgsz");
}

// As Ultralytics, YOLOv5, YOLOv6 and YOLOv7: ckpt["ema"] if there is one, else ckpt["model"].
TEST(ModuleTreeTest, AveragedGoesBeforeTrained) {
  std::vector<test_support::StorageData> data;
  const std::string trained = test_support::ModuleCode(Leaf(1), data);
  const std::string averaged = test_support::ModuleCode(Leaf(2), data);
  const auto first_weight = [&](const std::vector<std::pair<std::string, std::string>>& entries) {
    const Checkpoint checkpoint =
        OpenContents(TorchZip(PickleWriter().Raw(DictCode(entries)).Done(), data));
    return checkpoint.tensors().at(0).tensor.values<float>()[0];
  };
  EXPECT_EQ(first_weight({{"model", trained}, {"ema", averaged}}), 2);
  EXPECT_EQ(first_weight({{"model", trained}, {"ema", "N"}}), 1);
  EXPECT_EQ(first_weight({{"model", "N"}, {"ema", averaged}}), 2);
  const Checkpoint both = OpenContents(
      TorchZip(PickleWriter().Raw(DictCode({{"model", trained}, {"ema", averaged}})).Done(), data));
  EXPECT_THAT(both.notes(), ElementsAre("the file has the network as trained ('model') and "
                                        "averaged ('ema'): the averaged one is taken"));
}

TEST(ModuleTreeTest, AStateDictIsNoModule) {
  std::vector<test_support::StorageData> data;
  const std::string module = test_support::ModuleCode(Leaf(1), data);
  PickleWriter writer;
  writer.Raw("}(").Text("ema").Raw(module).Text("state_dict").Raw("}");
  writer.Text("w").Tensor("FloatStorage", "0", 1, 0, {1}, {1}).Raw("su");
  const Checkpoint checkpoint = OpenContents(TorchZip(writer.Done(), data));
  EXPECT_EQ(checkpoint.modules(), nullptr);
  EXPECT_THAT(KeysOf(checkpoint), ElementsAre("w"));
}

TEST(ModuleTreeTest, ParallelAndCompiledNetworksAreUnwrapped) {
  for (const auto& [name, child] : std::vector<std::pair<std::string, std::string>>{
           {"torch.nn.parallel.distributed.DistributedDataParallel", "module"},
           {"torch._dynamo.eval_frame.OptimizedModule", "_orig_mod"}}) {
    const ModuleSpec wrapper{.class_name = name, .children = {{child, Leaf(1)}}};
    const Checkpoint checkpoint = OpenContents(TorchModule(wrapper));
    EXPECT_THAT(KeysOf(checkpoint), ElementsAre("weight")) << name;
    EXPECT_EQ(checkpoint.modules()->root.type(), "Leaf");
  }
}

// One object may stand at several places, as the activation does that all convolutions share.
TEST(ModuleTreeTest, SharedModulesStandAtEachPlace) {
  std::vector<test_support::StorageData> data;
  const std::string leaf = test_support::ModuleCode(Leaf(3), data);
  PickleWriter writer;
  writer.Global("my", "Net").Raw(")\x81}(").Text("_modules").Raw("}(");
  writer.Text("a").Raw(leaf).Raw("q\x05").Text("b").Raw("h\x05").Raw("uub");
  const Checkpoint checkpoint = OpenContents(TorchZip(writer.Done(), data));
  EXPECT_THAT(KeysOf(checkpoint), ElementsAre("a.weight", "b.weight"));
  EXPECT_EQ(checkpoint.modules()->root["b"].path(), "b");
}

TEST(ModuleTreeTest, ErrorsNameThePlace) {
  const test_support::TemporaryFile file(
      TorchModule({.class_name = "my.Net", .children = {{"layer", Small()}}}));
  const Checkpoint checkpoint = Checkpoint::Open(file.path());
  const Module layer = checkpoint.modules()->root["layer"];
  const std::string begin = "'" + file.path().native() + "': ";
  const std::string damaged = "\nhint: the file is damaged, or was changed after it was saved";
  const auto error = [](const std::function<void()>& action) {
    return test_support::ErrorOf(action);
  };
  EXPECT_EQ(error([&] { layer["third"]; }),
            begin + "'layer', of the class 'Net', has no module 'third'" + damaged);
  EXPECT_EQ(error([&] { layer.Get("names").Int(); }),
            begin + "'layer.names' is a dict: expected a whole number" + damaged);
  EXPECT_EQ(error([&] { layer.Get("eps").Int(); }),
            begin + "'layer.eps' is a float: expected a whole number" + damaged);
  EXPECT_EQ(error([&] { layer.Get("nc").Flag(); }),
            begin + "'layer.nc' is an int: expected True or False" + damaged);
  EXPECT_EQ(error([&] { layer.Get("nc").Text(); }),
            begin + "'layer.nc' is an int: expected a text" + damaged);
  EXPECT_EQ(error([&] { layer.Get("add").Number(); }),
            begin + "'layer.add' is a bool: expected a number" + damaged);
  EXPECT_EQ(error([&] { layer.Get("names").Numbers(); }),
            begin + "'layer.names' is a dict: expected numbers" + damaged);
  EXPECT_EQ(error([&] { layer.Get("none").Int(); }),
            begin + "'layer.none' is missing: expected a whole number" + damaged);
}

// A module with this code as `_modules`, after `before` on the stack.
std::string WithChildren(const std::string& code) {
  return TorchZip(PickleWriter()
                      .Global("my", "Net")
                      .Raw(")\x81q\x01}(")
                      .Text("_modules")
                      .Raw(code)
                      .Raw("ub")
                      .Done(),
                  {});
}

TEST(ModuleTreeTest, WhatIsNoTree) {
  const std::string damaged = "\nhint: the file is damaged, or was changed after it was saved";
  const std::string by_hand = "\nhint: the file is damaged, or was made by hand";
  EXPECT_EQ(OpenError(WithChildren("}" + TextCode("a") + "h\x01s")),
            "a module of the class 'my.Net' is a part of itself" + by_hand);
  EXPECT_EQ(OpenError(WithChildren("}" + TextCode("a") + "K\x01s")),
            "the module 'a' is an int, not a torch.nn.Module" + damaged);
  EXPECT_EQ(OpenError(WithChildren("}(" + TextCode("a") + "N" + TextCode("a") + "Nu")),
            "a module has the name 'a' twice" + by_hand);
  EXPECT_EQ(OpenError(WithChildren("}" + TextCode("a.b") + "Ns")),
            "the name of a module is 'a.b'\n"
            "hint: no torch.nn.Module has such a name: the file is damaged");
  EXPECT_EQ(OpenError(WithChildren("}K\x01Ns")),
            "the name of a module is an int\n"
            "hint: no torch.nn.Module has such a name: the file is damaged");
  const std::string parameters =
      Code(PickleWriter().Raw("}(").Text("_modules").Raw("}").Text("_parameters").Raw("K\x01u"));
  EXPECT_EQ(OpenError(TorchZip(
                PickleWriter().Global("my", "Net").Raw(")\x81" + parameters + "b").Done(), {})),
            "the '_parameters' of a module is an int, not a dict" + damaged);
}

TEST(ModuleTreeTest, ParametersThatAreNoTensorsAreToldWhenTheyAreTaken) {
  const std::string state = Code(PickleWriter()
                                     .Raw("}(")
                                     .Text("_modules")
                                     .Raw("}")
                                     .Text("_parameters")
                                     .Raw("}(")
                                     .Text("w")
                                     .Raw("K\x01")
                                     .Text("none")
                                     .Raw("Nuu"));
  const Checkpoint checkpoint = OpenContents(
      TorchZip(PickleWriter().Global("my", "Net").Raw(")\x81" + state + "b").Done(), {}));
  ASSERT_EQ(checkpoint.tensors().size(), 1U);
  EXPECT_EQ(checkpoint.tensors()[0].problem, "an int, not a tensor");
}

// Two of the module below in each: 2^40 places, in a kilobyte.
TEST(ModuleTreeTest, SharingCostsNothing) {
  PickleWriter writer;
  writer.Global("my", "Leaf").Raw(")\x81}").Text("_modules").Raw("}sb");
  writer.Raw("q").Byte(0);
  for (int level = 1; level <= 40; ++level) {
    writer.Global("my", "Net").Raw(")\x81}").Text("_modules").Raw("}(");
    for (const char* name : {"a", "b"}) writer.Text(name).Raw("h").Byte(level - 1);
    writer.Raw("usbq").Byte(level);
  }
  EXPECT_EQ(OpenError(TorchZip(writer.Done(), {})),
            "there are more than 20000 modules, or they are nested more than 50 levels deep\n"
            "hint: no network is as large: the file is not what it seems to be");
}

TEST(ModuleTreeTest, DeepAndWideTreesAreRefused) {
  PickleWriter deep;
  for (int level = 0; level < 60; ++level) {
    deep.Global("my", "Net").Raw(")\x81}").Text("_modules").Raw("}").Text("a");
  }
  deep.Raw("N");
  for (int level = 0; level < 60; ++level) deep.Raw("ssb");
  EXPECT_EQ(OpenError(TorchZip(deep.Done(), {})),
            "modules are nested more than 50 levels deep\n"
            "hint: no network is as large: the file is not what it seems to be");
  PickleWriter wide;
  wide.Global("my", "Leaf").Raw(")\x81}").Text("_modules").Raw("}sbq").Byte(0);
  wide.Global("my", "Net").Raw(")\x81}").Text("_modules").Raw("}(");
  for (std::size_t i = 0; i <= kMaxModules; ++i) wide.Text(std::to_string(i)).Raw("h").Byte(0);
  EXPECT_EQ(OpenError(TorchZip(wide.Raw("usb").Done(), {})),
            "there are more than 20000 modules, or they are nested more than 50 levels deep\n"
            "hint: no network is as large: the file is not what it seems to be");
}

}  // namespace
}  // namespace yoloport::checkpoint
