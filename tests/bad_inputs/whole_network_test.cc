// Entries 91 to 96 of the catalogue in docs/security.md: networks that were pickled whole.
#include "bad_inputs/bad_input.h"
#include "testing/contents.h"
#include "testing/files/module_files.h"

namespace yoloport::bad_inputs {
namespace {

using test_support::Conv2dSpec;
using test_support::IntCode;
using test_support::LayerSpec;
using test_support::ListCode;
using test_support::ListSpec;
using test_support::ModuleSpec;
using test_support::NumberCode;
using test_support::PickleWriter;
using test_support::TextCode;
using test_support::TorchZip;

constexpr const char* kDamaged = "hint: the file is damaged, or was changed after it was saved\n";

ModuleSpec Conv(std::int64_t in, std::int64_t out, std::int64_t kernel = 1) {
  return {.class_name = "models.common.Conv",
          .children = {{"conv", Conv2dSpec(in, out, kernel, 1)},
                       {"act", {.class_name = "torch.nn.modules.activation.SiLU"}}}};
}

// YOLOv5's head for one class, on a map of stride 1.
ModuleSpec Head(std::int64_t channels) {
  ModuleSpec head{
      .class_name = "models.yolo.Detect",
      .attributes = {{"nc", IntCode(1)}, {"na", IntCode(1)}, {"stride", ListCode({NumberCode(1)})}},
      .buffers = {{"anchors", {1, 1, 2}, {1, 1}}},
      .children = {{"m", ListSpec("ModuleList", {Conv2dSpec(channels, 6)})}}};
  return LayerSpec(head, ListCode({IntCode(-1)}), 1);
}

ModuleSpec Net(std::vector<ModuleSpec> layers) {
  return {.class_name = "models.yolo.DetectionModel",
          .children = {{"model", ListSpec("Sequential", std::move(layers))}}};
}

class BadNetwork : public BadInput {
 protected:
  void ExpectBadNetwork(const std::string& contents, const std::string& message) const {
    Write("model.pt", contents);
    ExpectRefused({"export", "model.pt", "--output", "x.onnx"}, message);
  }
  void ExpectBadNetwork(const ModuleSpec& network, const std::string& message) const {
    ExpectBadNetwork(test_support::TorchModule(network), message);
  }
};

TEST_F(BadNetwork, WithoutAMistakeItIsExported) {
  Write("model.pt",
        test_support::TorchModule(Net({LayerSpec(Conv(3, 4), IntCode(-1), 0), Head(4)})));
  const auto outcome = Run({"export", "model.pt", "--img-size", "32", "--output", "x.onnx"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
}

TEST_F(BadNetwork, E91ModulesThatHoldThemselves) {
  PickleWriter writer;
  writer.Raw("}").Text("model").Global("models.yolo", "Model").Raw(")\x81q\x01}");
  writer.Text("_modules").Raw("}").Text("model").Raw("h\x01ssbs");
  ExpectBadNetwork(TorchZip(writer.Done(), {}),
                   "error: 'model.pt': a module of the class 'models.yolo.Model' is a part of "
                   "itself\n"
                   "hint: the file is damaged, or was made by hand\n");
}

TEST_F(BadNetwork, E92LayersThatReadWhatIsNotBeforeThem) {
  const auto with = [&](std::int64_t from, const std::string& number) {
    ExpectBadNetwork(Net({LayerSpec(Conv(3, 4), IntCode(from), 0), Head(4)}),
                     "error: 'model.pt': 'model.0.f' is " + number +
                         ": expected a layer before this one, which is number 0\n" + kDamaged);
  };
  with(1, "1");
  with(0, "0");
  with(-2, "-2");
  with(INT64_MAX, "9223372036854775807");
}

TEST_F(BadNetwork, E93AttributesOfTheWrongType) {
  ModuleSpec layer = Conv(3, 4);
  layer.children[0].second.attributes[2].second = TextCode("3");
  ExpectBadNetwork(Net({LayerSpec(layer, IntCode(-1), 0), Head(4)}),
                   "error: 'model.pt': 'model.0.conv.kernel_size' is not a number or a pair of "
                   "them\n");
  ModuleSpec head = Head(4);
  head.attributes[0].second = IntCode(0);
  ExpectBadNetwork(Net({LayerSpec(Conv(3, 4), IntCode(-1), 0), head}),
                   "error: 'model.pt': 'model.1.nc' is 0: expected 1 to 65536\n");
  head = Head(4);
  head.attributes[2].second = ListCode({NumberCode(0.5)});
  ExpectBadNetwork(Net({LayerSpec(Conv(3, 4), IntCode(-1), 0), head}),
                   "error: 'model.pt': 'model.1.stride' holds 0.5: expected whole numbers of "
                   "pixels\n");
}

TEST_F(BadNetwork, E94WeightsThatAreMissingOrNoTensors) {
  ModuleSpec layer = Conv(3, 4);
  layer.children[0].second.parameters.clear();
  ExpectBadNetwork(Net({LayerSpec(layer, IntCode(-1), 0), Head(4)}),
                   "error: 'model.pt': the checkpoint does not fit the network: 1 missing\n"
                   "  missing: 'model.0.conv.weight', 4x3x1x1 in the network\n" +
                       std::string(kDamaged));
  layer = Conv(3, 4);
  layer.children.erase(layer.children.begin());
  ExpectBadNetwork(Net({LayerSpec(layer, IntCode(-1), 0), Head(4)}),
                   "error: 'model.pt': 'model.0', of the class 'Conv', has no module 'conv'\n" +
                       std::string(kDamaged));
}

// A million layers are more values than a pickle may have; one that stands at a million places is
// more modules than there may be.
TEST_F(BadNetwork, E95AMillionLayers) {
  PickleWriter writer;
  writer.Global("my", "Leaf").Raw(")\x81}").Text("_modules").Raw("}sbq").Byte(0);
  writer.Raw("0").Global("torch.nn.modules.container", "Sequential").Raw(")\x81}");
  writer.Text("_modules").Raw("}(");
  for (int i = 0; i < 1'000'000; ++i) writer.Text(std::to_string(i)).Raw("h").Byte(0);
  Write("model.pt", TorchZip(writer.Raw("usb").Done(), {}));
  ExpectCheaplyRefused({"export", "model.pt"},
                       "error: 'model.pt': entry 'top/data.pkl', byte 6388824: BINUNICODE: the "
                       "pickle holds more than 500000 values\n"
                       "hint: no checkpoint needs as many: the file is not what it seems to be\n");
  PickleWriter shared;
  shared.Global("my", "Leaf").Raw(")\x81}").Text("_modules").Raw("}sbq").Byte(0);
  for (int level = 1; level <= 40; ++level) {
    shared.Global("my", "Net").Raw(")\x81}").Text("_modules").Raw("}(");
    for (const char* name : {"a", "b"}) shared.Text(name).Raw("h").Byte(level - 1);
    shared.Raw("usbq").Byte(level);
  }
  Write("model.pt", TorchZip(shared.Done(), {}));
  ExpectCheaplyRefused({"inspect", "model.pt"},
                       "error: 'model.pt': there are more than 20000 modules, or they are nested "
                       "more than 50 levels deep\n"
                       "hint: no network is as large: the file is not what it seems to be\n");
}

TEST_F(BadNetwork, E96LayersThatGrowWhatTheyGet) {
  std::vector<ModuleSpec> layers;
  for (std::int64_t i = 0; i < 12; ++i) {
    const ModuleSpec upsample{.class_name = "torch.nn.modules.upsampling.Upsample",
                              .attributes = {{"scale_factor", NumberCode(64)}}};
    layers.push_back(LayerSpec(upsample, IntCode(-1), i));
  }
  layers.push_back(LayerSpec(Head(3), ListCode({IntCode(-1)}), 12));
  layers.back().attributes.erase(layers.back().attributes.begin() + 3,
                                 layers.back().attributes.begin() + 5);
  ExpectBadNetwork(Net(layers),
                   "error: 'model.pt': 'model.1', of the class 'Upsample', gives "
                   "1x3x2621440x2621440, which no network needs\n");
}

}  // namespace
}  // namespace yoloport::bad_inputs
