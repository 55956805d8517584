#include "checkpoint/weights.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "base/half.h"
#include "base/text.h"
#include "checkpoint/float_convert.h"
#include "checkpoint/weights_report.h"
#include "testing/files/checkpoint_files.h"
#include "yoloport/error.h"

namespace yoloport::checkpoint {
namespace {

using base::Quote;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;
using test_support::ErrorOf;
using test_support::TorchZip;

Checkpoint OpenContents(const std::string& contents) {
  return Checkpoint::Open(test_support::TemporaryFile(contents).path());
}

Checkpoint Small() {
  return OpenContents(TorchZip(test_support::SmallPickle(), test_support::SmallData()));
}

// A checkpoint of 1-element float tensors with these keys; further ones may be quantized.
Checkpoint WithKeys(const std::vector<std::string>& keys,
                    const std::vector<std::string>& quantized = {}, float value = 1) {
  test_support::PickleWriter writer;
  writer.Raw("}(");
  for (const std::string& key : keys) {
    writer.Text(key).Tensor("FloatStorage", "0", 1, 0, {1}, {1});
  }
  for (const std::string& key : quantized) {
    writer.Text(key).Global("torch._utils", "_rebuild_qtensor").Raw(")R");
  }
  return OpenContents(TorchZip(writer.Raw("u").Done(), {{"0", test_support::FloatBytes({value})}}));
}

std::string FinishError(const Weights& weights, const Checkpoint& checkpoint,
                        std::span<const std::string_view> ignored = {}) {
  std::string error = ErrorOf([&] { weights.Finish(ignored); });
  const std::string prefix = Quote(checkpoint.path().native()) + ": ";
  if (error.starts_with(prefix)) error.erase(0, prefix.size());
  return error;
}

std::vector<float> Values(const Tensor& tensor) {
  return {tensor.values<float>().begin(), tensor.values<float>().end()};
}

TEST(WeightsTest, PrefixesMirrorAttributePaths) {
  const Weights weights(WithKeys({"backbone.blocks.2.conv.weight"}));
  EXPECT_EQ(weights.prefix(), "");
  const Weights block = weights["backbone"]["blocks"][2];
  EXPECT_EQ(block.prefix(), "backbone.blocks.2");
  EXPECT_TRUE(block.Has("conv.weight"));
  EXPECT_FALSE(block.Has("conv"));
  EXPECT_TRUE(block.HasBelow("conv"));
  EXPECT_FALSE(block.HasBelow("con"));
  EXPECT_FALSE(weights["backbone"]["blocks"].HasBelow("20"));
  block.Take("conv.weight", {1});
  weights.Finish();
}

// Of a framework that calls layers otherwise; errors name what its checkpoint has.
TEST(WeightsTest, RenamedPathsKeepTheCheckpointsNames) {
  const Checkpoint checkpoint = WithKeys({"neck.blocks.0.conv.weight", "neck.reduce.1.weight"});
  const Weights weights(checkpoint);
  const Weights neck = weights["neck"].Renamed({{"neck.layers.0.0", "neck.blocks.0"},
                                                {"neck.layers.0.1", "neck.reduce.1"},
                                                {"neck.outs", "neck.out_convs"}});
  const Weights layer = neck["layers"][std::size_t{0}];
  EXPECT_EQ(layer[std::size_t{0}]["conv"].prefix(), "neck.blocks.0.conv");
  layer[std::size_t{0}]["conv"].Take("weight", {1});
  layer[1].Take("weight", {1});
  EXPECT_EQ(neck["reduce"][1].prefix(), "neck.reduce.1");
  EXPECT_EQ(weights["neck"]["layers"][std::size_t{0}][1].prefix(), "neck.layers.0.1");
  weights.Finish();
  EXPECT_TRUE(weights.warnings().empty());
  neck["outs"][2].Take("weight", {1});
  EXPECT_TRUE(FinishError(weights, checkpoint).find("neck.out_convs.2.weight") !=
              std::string::npos);
}

TEST(WeightsTest, TakesFloat32AsAViewAndConvertsOthers) {
  const Checkpoint checkpoint = Small();
  const Weights weights(checkpoint);
  const Tensor weight = weights["a"].Take("weight", {2, 3});
  EXPECT_EQ(Values(weight), (std::vector<float>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(weight.bytes().data(), checkpoint.tensors()[0].tensor.bytes().data());
  const Tensor bias = weights["a"].Take("bias");
  EXPECT_EQ(bias.dtype(), DType::kFloat32);
  EXPECT_EQ(Values(bias), (std::vector<float>{1, -2}));
  weights.Finish();
  EXPECT_TRUE(weights.warnings().empty());
}

TEST(WeightsTest, OutliveTheirCheckpoint) {
  const Weights weights = Weights(Small());
  const Tensor taken = Weights(Small()).Take("a.weight", {2, 3});
  EXPECT_EQ(Values(taken)[5], 5);
  EXPECT_TRUE(weights.Has("a.weight"));
}

TEST(WeightsTest, MistakesAreCollectedAndToldAtOnce) {
  const Checkpoint checkpoint = WithKeys({"a", "b", "c.num_batches_tracked", "d\n"}, {"q"});
  const Weights weights(checkpoint);
  const Tensor missing = weights.Take("m", {2, 2});
  EXPECT_EQ(Values(missing), (std::vector<float>{0, 0, 0, 0}));
  EXPECT_EQ(weights.Take("b", {3}).shape(), (Shape{3}));
  EXPECT_EQ(weights.Take("q", {1}).shape(), (Shape{1}));
  EXPECT_EQ(FinishError(weights, checkpoint),
            "the checkpoint does not fit the network: 1 missing, 1 of another shape, 1 not usable, "
            "2 not used\n"
            "  missing: 'm', 2x2 in the network\n"
            "  of another shape: 'b', 1 in the checkpoint, 3 in the network\n"
            "  not usable: 'q' is a quantized tensor\n"
            "  not used: 'a', 1 in the checkpoint\n"
            "  not used: 'd\\n', 1 in the checkpoint\n"
            "hint: the checkpoint seems to be of another size: its layers are 0.333 times as wide "
            "as the config's (widen_factor)");
}

TEST(WeightsTest, AbsurdShapesAreToldAtOnce) {
  const Checkpoint checkpoint = WithKeys({"a"});
  constexpr std::int64_t kHuge = std::int64_t{1} << 40;
  for (const Shape& shape : {Shape{kHuge}, Shape{kHuge, kHuge}, Shape{-1}}) {
    EXPECT_NE(ErrorOf([&] { Weights(checkpoint).Take("m", shape); }).find("missing: 'm', "),
              std::string::npos);
  }
}

TEST(WeightsTest, ListsTenOfEach) {
  std::vector<std::string> keys = {"k.9.used"};
  for (int i = 0; i < 12; ++i) {
    keys.push_back(std::string("k.").append(std::to_string(10 + i)).append(".w"));
  }
  const Checkpoint checkpoint = WithKeys(keys);
  const Weights weights(checkpoint);
  weights.Take("k.9.used", {1});
  const std::string error = FinishError(weights, checkpoint);
  EXPECT_NE(error.find("'k.19.w', 1 in the checkpoint\n  ... and 2 more not used\nhint: the "
                       "checkpoint has more layers than the config's network: is it of another "
                       "size (deepen_factor)?"),
            std::string::npos)
      << error;
  EXPECT_EQ(error.find("k.20"), std::string::npos);
}

TEST(WeightsTest, WhatTheNetworkLacksIsAWarning) {
  const Checkpoint checkpoint = WithKeys({"a", "ab", "b.x", "b.y.z", "bc", "c.rbr_weight",
                                          "rbr_weight", "c.xrbr_weight", "steps", "n_averaged"});
  const Weights weights(checkpoint);
  weights.Ignore("a");
  weights.Ignore("b");
  weights.Ignore("nothing");
  constexpr std::array<std::string_view, 1> kSuffixes = {"rbr_weight"};
  weights.Take("ab", {1});
  weights.Finish(kSuffixes);
  EXPECT_EQ(weights.warnings(),
            (std::vector<std::string>{"2 keys of the checkpoint are not used: the network that the "
                                      "config describes has no such weights ('bc', "
                                      "'c.xrbr_weight')"}));
}

// A larger network than the config's would compute nonsense.
TEST(WeightsTest, FurtherBlocksAreAnError) {
  const Checkpoint checkpoint = WithKeys({"k.0.w", "k.1.w", "ema_k"});
  const Weights weights(checkpoint);
  weights.Take("k.0.w", {1});
  EXPECT_EQ(FinishError(weights, checkpoint),
            "the checkpoint does not fit the network: 2 not used\n"
            "  not used: 'k.1.w', 1 in the checkpoint\n"
            "  not used: 'ema_k', 1 in the checkpoint\n"
            "hint: the checkpoint has more layers than the config's network: is it of another size "
            "(deepen_factor)?");
}

TEST(WeightsTest, WithoutAShapeMistakesAreToldAtOnce) {
  const Checkpoint checkpoint = WithKeys({"a"}, {"q"});
  const Weights weights(checkpoint);
  const std::string place = Quote(checkpoint.path().native()) + ": ";
  EXPECT_EQ(ErrorOf([&] { weights["m"].Take("weight"); }),
            place +
                "the checkpoint has no 'm.weight'\n"
                "hint: is the checkpoint of the architecture that the config describes?");
  EXPECT_EQ(ErrorOf([&] { weights.Take("q"); }),
            place +
                "'q' is a quantized tensor\n"
                "hint: load the checkpoint with torch and save it with ordinary tensors");
}

TEST(WeightsTest, ComparesChecksumsWhenBytesAreUsed) {
  auto entries = test_support::TorchEntries(test_support::SmallPickle(), test_support::SmallData());
  entries[2].crc_change = 1;
  const Checkpoint checkpoint = OpenContents(test_support::ZipFile(entries));
  const Weights weights(checkpoint);
  EXPECT_EQ(ErrorOf([&] {
              weights.Take("a.weight", {2, 3});
            }),
            Quote(checkpoint.path().native()) +
                ": tensor 'a.weight': entry 'top/data/0': its bytes do not have the checksum that "
                "the archive states\nhint: the file is damaged: download or copy it again");
}

TEST(WeightsTest, WarnsOfNanAndInfinityOnce) {
  const Checkpoint checkpoint = WithKeys({"a"}, {}, std::numeric_limits<float>::quiet_NaN());
  const Weights weights(checkpoint);
  weights.Take("a", {1});
  weights.Take("a", {1});
  EXPECT_EQ(weights.warnings(),
            (std::vector<std::string>{"'a' holds 1 value that is NaN or infinite"}));
}

TEST(WeightsTest, IntegersStayIntegers) {
  test_support::PickleWriter writer;
  writer.Raw("}(").Text("n").Tensor("LongStorage", "0", 1, 0, {}, {}).Raw("u");
  const Checkpoint checkpoint =
      OpenContents(TorchZip(writer.Done(), {{"0", test_support::LittleEndian(std::int64_t{5})}}));
  EXPECT_EQ(Weights(checkpoint).Take("n", {}).values<std::int64_t>()[0], 5);
}

TEST(FitReportTest, FurtherBlocksAreThoseOfAListThatIsUsed) {
  BlockLists used;
  used.Add("backbone.stage1.0.conv.weight");
  used.Add("backbone.stage1.1.blocks.0.weight");
  EXPECT_TRUE(used.IsOfAnotherBlock("backbone.stage1.2.conv.weight"));
  EXPECT_TRUE(used.IsOfAnotherBlock("backbone.stage1.1.blocks.1.weight"));
  for (const char* stray :
       {"foo.weight", "foo.1.weight", "backbone.surprise.weight", "backbone.stage1.0.gate.weight",
        "backbone.stage1.x.weight", "backbone.stage1.2", "2", "", "."}) {
    EXPECT_FALSE(used.IsOfAnotherBlock(stray)) << stray;
  }
}

TEST(FitReportTest, HintsAtTheCause) {
  FitReport report;
  report.used = 5;
  report.mismatched = {{"bbox_head.cls.weight", {80, 8}, {3, 8}}};
  EXPECT_EQ(
      report.Hint(),
      "only the head differs: do the classes in the config (num_classes) fit the checkpoint?");
  report.mismatched = {{"backbone.a", {64, 32}, {32, 16}},
                       {"backbone.b", {128}, {64}},
                       {"backbone.c", {255}, {255}}};
  EXPECT_EQ(report.Hint(),
            "the checkpoint seems to be of another size: its layers are 2 times as "
            "wide as the config's (widen_factor)");
  report.mismatched.clear();
  report.missing = {{"neck.x", {1}}};
  EXPECT_EQ(report.Hint(),
            "the checkpoint has fewer layers than the config's network: is it of "
            "another size (deepen_factor)?");
  report.unexpected = {{"neck.y", {1}}};
  EXPECT_EQ(report.Hint(), "is this the checkpoint that was trained with this config?");
  report.used = 0;
  EXPECT_EQ(report.Hint(),
            "not one weight fits: the checkpoint is of another architecture than the config");
}

TEST(FloatConvertTest, AllHalvesConvertAsBaseDoes) {
  std::vector<std::int16_t> bits(0x10000);
  for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = static_cast<std::int16_t>(i);
  const auto owner = std::make_shared<std::vector<std::int16_t>>(bits);
  const auto* data = reinterpret_cast<const std::byte*>(owner->data());
  const Tensor halves = ToFloat32(Tensor(DType::kFloat16, {0x10000}, owner, data));
  const Tensor bfloats = ToFloat32(Tensor(DType::kBFloat16, {0x10000}, owner, data));
  for (std::size_t i = 0; i < bits.size(); ++i) {
    const auto half = static_cast<std::uint16_t>(i);
    EXPECT_EQ(std::bit_cast<std::uint32_t>(halves.values<float>()[i]),
              std::bit_cast<std::uint32_t>(base::HalfToFloat(half)));
    EXPECT_EQ(std::bit_cast<std::uint32_t>(bfloats.values<float>()[i]),
              std::bit_cast<std::uint32_t>(base::BFloat16ToFloat(half)));
  }
}

TEST(FloatConvertTest, StridedAndUnalignedHalves) {
  const auto bytes = std::make_shared<std::string>("x\x00\x3c\x00\x40\x00\x42", 7);
  const auto* data = reinterpret_cast<const std::byte*>(bytes->data()) + 1;
  EXPECT_EQ(Values(ToFloat32(Tensor(DType::kFloat16, {2}, {2}, bytes, data))),
            (std::vector<float>{1, 3}));
}

}  // namespace
}  // namespace yoloport::checkpoint
