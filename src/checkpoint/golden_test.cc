// Files that torch itself wrote (scripts/make_checkpoints.py) against what torch said they hold.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <sstream>

#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/module_tree.h"
#include "checkpoint/storage.h"
#include "checkpoint/weights.h"
#include "formats/zip/zip.h"
#include "testing/contents.h"
#include "testing/files/checkpoint_files.h"

namespace yoloport::checkpoint {
namespace {

constexpr const char* kFolder = "testdata/checkpoint/";

std::string Listing(const Checkpoint& checkpoint) {
  std::ostringstream out;
  for (const NamedTensor& named : checkpoint.tensors()) {
    named.storage->Verify();
    const tensor::Tensor dense = named.tensor.Dense();
    std::array<char, 16> crc{};
    std::snprintf(crc.data(), crc.size(), "%08x", formats::zip::Crc32(dense.bytes()));
    out << named.key << ' ' << tensor::DTypeName(dense.dtype()) << ' '
        << base::ShapeText(dense.shape()) << ' ' << crc.data() << '\n';
  }
  return out.str();
}

class GoldenTest : public testing::TestWithParam<const char*> {};

TEST_P(GoldenTest, HoldsWhatTorchSays) {
  const Checkpoint checkpoint = Checkpoint::Open(std::string(kFolder) + GetParam());
  EXPECT_EQ(Listing(checkpoint), test_support::Contents(std::string(kFolder) + "tensors.txt"));
  EXPECT_TRUE(checkpoint.notes().empty());
  EXPECT_TRUE(checkpoint.unknown_classes().empty());
  const CheckpointMeta& meta = checkpoint.meta();
  EXPECT_EQ(meta.epoch, 12);
  EXPECT_EQ(meta.iter, 3400);
  EXPECT_EQ(meta.config_text, "model = dict(type=\"YOLODetector\")\n");
  EXPECT_EQ(meta.classes, (std::vector<std::string>{"cat", "hot dog"}));
  ASSERT_EQ(meta.palette.size(), 2U);
  EXPECT_EQ(meta.palette[1].g, 255);
  EXPECT_EQ(meta.experiment_name, "tiny");
  EXPECT_EQ(meta.time, "20240101_000000");
  EXPECT_EQ(meta.mmyolo_version, "0.6.0");
  EXPECT_EQ(meta.mmengine_version, "0.10.7");
}

TEST_P(GoldenTest, EveryTruncationIsRefused) {
  const test_support::TemporaryFile file(test_support::Contents(std::string(kFolder) + GetParam()));
  // One file that gets shorter: thousands of files take the disk longer than what is tested.
  for (std::uintmax_t length = std::filesystem::file_size(file.path()); length-- > 0;) {
    std::filesystem::resize_file(file.path(), length);
    ASSERT_NE(test_support::ErrorOf([&] { Checkpoint::Open(file.path()); }), "(no error)")
        << length;
  }
}

INSTANTIATE_TEST_SUITE_P(Torch, GoldenTest,
                         testing::Values("zip.pth", "legacy.pth", "protocol3.pth", "protocol4.pth",
                                         "protocol5.pth"));

TEST(GoldenFilesTest, UnsupportedTensorsAreNamed) {
  const Checkpoint checkpoint = Checkpoint::Open(std::string(kFolder) + "unsupported.pth");
  std::string problems;
  for (const NamedTensor& named : checkpoint.tensors()) {
    problems += named.key + ": " + named.problem + "\n";
  }
  EXPECT_EQ(problems,
            "good: \n"
            "quantized: a quantized tensor\n"
            "sparse: a sparse tensor\n"
            "complex: a complex tensor\n"
            "meta: a meta tensor, which has a shape but no values\n"
            "number: an int, not a tensor\n");
  EXPECT_EQ(Weights(checkpoint).Take("good", {2}).values<float>()[1], 1);
}

TEST(GoldenFilesTest, AWholeModelIsItsStateDict) {
  const Checkpoint checkpoint = Checkpoint::Open(std::string(kFolder) + "whole_model.pth");
  ASSERT_NE(checkpoint.modules(), nullptr);
  EXPECT_EQ(checkpoint.modules()->root.class_name(), "torch.nn.modules.linear.Linear");
  ASSERT_EQ(checkpoint.tensors().size(), 2U);
  EXPECT_EQ(checkpoint.tensors()[0].key, "weight");
  EXPECT_EQ(checkpoint.tensors()[1].key, "bias");
}

TEST(GoldenFilesTest, ProgramsAreNoCheckpoints) {
  const auto error = [](const char* name) {
    return test_support::ErrorOf([&] { Checkpoint::Open(std::string(kFolder) + name); });
  };
  EXPECT_EQ(error("torchscript.pth"),
            "'testdata/checkpoint/torchscript.pth': a TorchScript program, not a checkpoint\n"
            "hint: export from the checkpoint (.pth) that it was made from");
}

}  // namespace
}  // namespace yoloport::checkpoint
