#include "checkpoint/checkpoint.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/text.h"
#include "checkpoint/storage.h"
#include "testing/files/checkpoint_files.h"
#include "yoloport/error.h"

namespace yoloport::checkpoint {
namespace {

using test_support::FloatBytes;
using test_support::OpenError;
using test_support::SmallData;
using test_support::SmallPickle;
using test_support::StorageData;
using test_support::TemporaryFile;
using test_support::TorchEntries;
using test_support::TorchLegacy;
using test_support::TorchZip;
using test_support::ZipFile;
using test_support::ZipSpec;

using namespace std::string_view_literals;

constexpr const char* kDamaged = "\nhint: the file is damaged: download or save it again";
constexpr const char* kIncomplete = "\nhint: the file is incomplete: download or copy it again";
constexpr const char* kCopyAgain = "\nhint: the file is damaged: download or copy it again";

std::vector<float> Floats(const NamedTensor& named) {
  const tensor::Tensor dense = named.tensor.To(tensor::DType::kFloat32);
  const auto values = dense.values<float>();
  return {values.begin(), values.end()};
}

void ExpectSmall(const Checkpoint& checkpoint) {
  ASSERT_EQ(checkpoint.tensors().size(), 2U);
  EXPECT_EQ(checkpoint.tensors()[0].key, "a.weight");
  EXPECT_EQ(checkpoint.tensors()[0].tensor.shape(), (tensor::Shape{2, 3}));
  EXPECT_EQ(Floats(checkpoint.tensors()[0]), (std::vector<float>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(checkpoint.tensors()[1].key, "a.bias");
  EXPECT_EQ(Floats(checkpoint.tensors()[1]), (std::vector<float>{1, -2}));
  const CheckpointMeta& meta = checkpoint.meta();
  EXPECT_EQ(meta.epoch, 12);
  EXPECT_EQ(meta.iter, 3400);
  EXPECT_EQ(meta.config_text, "model = dict()\n");
  EXPECT_EQ(meta.classes, (std::vector<std::string>{"cat", "dog"}));
  ASSERT_EQ(meta.palette.size(), 2U);
  EXPECT_EQ(meta.palette[0].r, 220);
  EXPECT_EQ(meta.palette[1].b, 1);
  EXPECT_EQ(meta.mmyolo_version, "0.6.0");
  EXPECT_EQ(meta.mmengine_version, "");
}

Checkpoint OpenContents(std::string_view contents) {
  const TemporaryFile file(contents);
  return Checkpoint::Open(file.path());  // the mapping outlives the file's name
}

TEST(CheckpointTest, ReadsTorchZip) {
  const std::string contents = TorchZip(SmallPickle(), SmallData());
  const Checkpoint checkpoint = OpenContents(contents);
  ExpectSmall(checkpoint);
  EXPECT_EQ(checkpoint.tensors()[1].tensor.dtype(), tensor::DType::kFloat16);
  EXPECT_EQ(checkpoint.format(), "torch zip");
  EXPECT_EQ(checkpoint.file_size(), contents.size());
  EXPECT_TRUE(checkpoint.notes().empty());
  EXPECT_TRUE(checkpoint.unknown_classes().empty());
}

TEST(CheckpointTest, ReadsTorchLegacy) {
  const Checkpoint checkpoint = OpenContents(TorchLegacy(
      SmallPickle(true), {{"0", FloatBytes({0, 1, 2, 3, 4, 5})}, {"1", FloatBytes({1, -2})}}));
  ExpectSmall(checkpoint);
  EXPECT_EQ(checkpoint.format(), "torch legacy");
}

TEST(CheckpointTest, ReadsCompressedArchivesOfAnyTopFolder) {
  auto entries = TorchEntries(SmallPickle(), SmallData());
  for (ZipSpec& entry : entries) {
    entry.deflated = true;
    entry.name.replace(0, 3, "../\xff odd");
  }
  ExpectSmall(OpenContents(ZipFile(entries)));
  entries = TorchEntries(SmallPickle(), SmallData());
  for (ZipSpec& entry : entries) {
    entry.name.erase(0, 4);
    entry.zip64 = true;
  }
  ExpectSmall(OpenContents(ZipFile(entries, {.zip64 = true})));
}

TEST(CheckpointTest, SwapsBigEndianData) {
  auto data = SmallData();
  for (std::size_t i = 0; i < data[0].bytes.size(); i += 4) {
    std::swap(data[0].bytes[i], data[0].bytes[i + 3]);
    std::swap(data[0].bytes[i + 1], data[0].bytes[i + 2]);
  }
  data[1].bytes = std::string("\x3c\x00\xc0\x00", 4);
  const Checkpoint checkpoint = OpenContents(ZipFile(TorchEntries(SmallPickle(), data, "big")));
  ExpectSmall(checkpoint);
  EXPECT_EQ(checkpoint.notes(),
            (std::vector<std::string>{"the file was written on a big-endian machine"}));
  EXPECT_EQ(OpenError(ZipFile(TorchEntries(SmallPickle(), data, "middle"))),
            std::string("entry 'top/byteorder' says 'middle' where 'little' or 'big' is expected") +
                kDamaged);
}

TEST(CheckpointTest, MissingChecksumsAreSaid) {
  const Checkpoint checkpoint =
      OpenContents(ZipFile(TorchEntries(SmallPickle(), SmallData()), {.no_checksums = true}));
  ExpectSmall(checkpoint);
  checkpoint.tensors()[0].storage->Verify();
  EXPECT_EQ(checkpoint.notes(), (std::vector<std::string>{"the file was written without checksums: "
                                                          "damage cannot be noticed"}));
}

TEST(CheckpointTest, WrongChecksums) {
  auto entries = TorchEntries(SmallPickle(), SmallData());
  entries[0].crc_change = 1;
  EXPECT_EQ(OpenError(ZipFile(entries)),
            std::string("entry 'top/data.pkl': its bytes do not have the checksum that the archive "
                        "states") +
                kCopyAgain);
  // Weights are compared when they are used, so that opening does not read them.
  entries[0].crc_change = 0;
  entries[2].crc_change = 1;
  const Checkpoint checkpoint = OpenContents(ZipFile(entries));
  EXPECT_EQ(test_support::ErrorOf([&] { checkpoint.tensors()[0].storage->Verify(); }),
            std::string("entry 'top/data/0': its bytes do not have the checksum that the archive "
                        "states") +
                kCopyAgain);
  checkpoint.tensors()[1].storage->Verify();
  entries[2].deflated = true;  // read at once, compared at once
  EXPECT_EQ(OpenError(ZipFile(entries)),
            std::string("tensor 'a.weight': entry 'top/data/0': its bytes do not have the checksum "
                        "that the archive states") +
                kCopyAgain);
}

TEST(CheckpointTest, EveryTruncationIsRefused) {
  auto entries = TorchEntries(SmallPickle(), SmallData());
  for (ZipSpec& entry : entries) entry.descriptor = true;
  const std::vector<StorageData> floats = {{"0", FloatBytes({0, 1, 2, 3, 4, 5})},
                                           {"1", FloatBytes({1, -2})}};
  for (const std::string& file : {ZipFile(entries), TorchLegacy(SmallPickle(true), floats)}) {
    for (std::size_t length = 0; length < file.size(); ++length) {
      ASSERT_NE(OpenError(file.substr(0, length)), "(no error)") << length;
    }
    ExpectSmall(OpenContents(file));
  }
  EXPECT_EQ(OpenError(ZipFile(entries).substr(0, 500)),
            std::string("the zip archive ends before its directory") + kIncomplete);
}

TEST(CheckpointTest, EveryChangedByteIsRefusedOrHarmless) {
  const std::vector<StorageData> floats = {{"0", FloatBytes({0, 1, 2, 3, 4, 5})},
                                           {"1", FloatBytes({1, -2})}};
  for (std::string file :
       {TorchZip(SmallPickle(), SmallData()), TorchLegacy(SmallPickle(true), floats)}) {
    const TemporaryFile place("");
    for (std::size_t at = 0; at < file.size(); ++at) {
      for (const int change : {0x01, 0xFF}) {
        file[at] = static_cast<char>(file[at] ^ change);
        std::ofstream(place.path(), std::ios::binary) << file;
        file[at] = static_cast<char>(file[at] ^ change);
        try {
          const Checkpoint checkpoint = Checkpoint::Open(place.path());
          for (const NamedTensor& named : checkpoint.tensors()) {
            if (!named.usable()) continue;
            named.storage->Verify();
            named.tensor.Dense();
          }
        } catch (const CheckpointError&) {
          // Expected of malformed input.
        }
      }
    }
  }
}

TEST(CheckpointTest, FirstLooks) {
  const std::string need = "\nhint: a checkpoint (.pth of MMYOLO, or .safetensors) is needed";
  const std::string again =
      "\nhint: the download gave a page instead of the file: check the link and download it again";
  EXPECT_EQ(OpenError(""), "the file is empty\nhint: download or copy it again");
  EXPECT_EQ(OpenError("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"),
            "this is a git-lfs pointer, not the file it points to\n"
            "hint: run `git lfs pull` in the repository");
  EXPECT_EQ(OpenError("\n<!DOCTYPE html><html>"), "this is a web page, not weights" + again);
  EXPECT_EQ(OpenError("<Error><Code>NoSuchKey</Code></Error>"),
            "this is a web page, not weights" + again);
  EXPECT_EQ(OpenError("{\"error\": 404}"), "this is a JSON text, not weights" + again);
  EXPECT_EQ(OpenError("_base_ = './x.py'\n"),
            "this is a text file, not weights: it begins with '_base_ = \\'./x.py\\'\\n'\n"
            "hint: is it the config? the checkpoint is the .pth file");
  EXPECT_EQ(OpenError("\x89PNG\r\n\x1a\n...."), "this is a PNG image" + need);
  EXPECT_EQ(OpenError("\x08\x07\x12\x07pytorch"),
            "this is an ONNX model\nhint: it needs no export; to export again, give the checkpoint "
            "(.pth) it was made from");
  EXPECT_EQ(OpenError(std::string(257, '\0') + "ustar"),
            "this is a tar archive\nhint: if it is a checkpoint of torch 0.1, load it with torch "
            "and save it again; else unpack it");
  EXPECT_EQ(OpenError("\x1f\x8b\x08..."), "this is compressed by gzip\nhint: unpack it first");
  EXPECT_EQ(
      OpenError("\x01\x02\x03"),
      "this is no format that yoloport knows: it begins with the bytes '\\x01\\x02\\x03'" + need);
  const std::string file = TorchZip(SmallPickle(), SmallData());
  EXPECT_EQ(
      OpenError("0123456789" + file),
      std::string("10 bytes before the archive, or inside it where nothing should be") + kDamaged);
  EXPECT_EQ(OpenError(file.substr(0, 3)),
            std::string("the zip archive ends before its directory") + kIncomplete);
}

TEST(CheckpointTest, NamesTheFile) {
  const TemporaryFile file("", "a\nb.pth");
  EXPECT_EQ(
      test_support::ErrorOf([&] { Checkpoint::Open(file.path()); }),
      base::Quote(file.path().native()) + ": the file is empty\nhint: download or copy it again");
  EXPECT_THROW(Checkpoint::Open(file.path() / "none"), FileError);
}

TEST(CheckpointTest, OtherArchives) {
  const std::string need = "\nhint: a file written by torch.save is needed";
  EXPECT_EQ(OpenError(ZipFile({{.name = "word/document.xml", .data = "x"}})),
            "a zip archive, but not torch's: it has no data.pkl, its entries begin with "
            "'word/document.xml'" +
                need);
  EXPECT_EQ(OpenError(ZipFile({})), "a zip archive, but not torch's: it has no data.pkl" + need);
  EXPECT_EQ(OpenError(ZipFile({{.name = "best.pth", .data = "x"}})),
            "a zip archive around 'best.pth'\nhint: unpack it first");
  auto entries = TorchEntries(SmallPickle(), SmallData());
  entries.push_back({.name = "other/data.pkl", .data = SmallPickle()});
  EXPECT_EQ(
      OpenError(ZipFile(entries)),
      std::string("the archive has two pickles, 'top/data.pkl' and 'other/data.pkl'") + kDamaged);
  for (const char* name : {"top/constants.pkl", "top/code/__torch__.py"}) {
    entries.back() = {.name = name, .data = "x"};
    EXPECT_EQ(OpenError(ZipFile(entries)),
              "a TorchScript program, not a checkpoint\n"
              "hint: export from the checkpoint (.pth) that it was made from");
  }
  entries.back() = {.name = "top/.data/serialization_id", .data = "1"};  // what torch adds
  ExpectSmall(OpenContents(ZipFile(entries)));
}

TEST(CheckpointTest, LegacyMistakes) {
  const std::vector<StorageData> floats = {{"0", FloatBytes({0, 1, 2, 3, 4, 5})},
                                           {"1", FloatBytes({1, -2})}};
  const std::string pickle = SmallPickle(true);
  std::string file = TorchLegacy(pickle, floats);
  file[4] ^= 1;
  EXPECT_EQ(OpenError(file),
            "a Python pickle, but not torch's: it begins with an int where "
            "torch's magic number should be\nhint: a file written by torch.save "
            "is needed");
  // A dict with one key, and what Paddle and Detectron2 write beside their weights.
  EXPECT_EQ(OpenError("\x80\x02}X\x1b\0\0\0StructuredToParameterName@@}s."sv),
            "these are PaddlePaddle's weights, which are not supported\n"
            "hint: docs/sources.md lists the networks that are");
  EXPECT_EQ(OpenError("\x80\x02}(X\x05\0\0\0model}X\x0a\0\0\0__author__Nu."sv),
            "these are Detectron2's weights, which are not supported\n"
            "hint: docs/sources.md lists the networks that are");
  file = TorchLegacy(pickle, floats);
  file[file.find("M\xe9") + 1] ^= 1;
  EXPECT_EQ(OpenError(file),
            std::string("torch's legacy format in a version other than 1001") + kDamaged);
  EXPECT_EQ(OpenError(TorchLegacy(pickle, {floats[0]})),
            std::string("tensor 'a.bias': its storage '1' is not in the file") + kDamaged);
  EXPECT_EQ(
      OpenError(TorchLegacy(pickle, {floats[0], floats[1], {"2", ""}})),
      std::string("the list of storages names '2', which nothing in the file uses") + kDamaged);
  EXPECT_EQ(
      OpenError(TorchLegacy(pickle, {floats[0], {"1", FloatBytes({1})}})),
      std::string("tensor 'a.bias': storage '1' has 1 elements where 2 are expected") + kDamaged);
  file = TorchLegacy(pickle, floats);
  const std::size_t data_at = file.size() - 16;
  EXPECT_EQ(OpenError(file.substr(0, file.size() - 4)),
            "byte " + std::to_string(data_at) +
                ": storage '1' has 2 elements of 4 bytes, but only 4 bytes follow" + kIncomplete);
  file[data_at + 7] = '\x80';
  EXPECT_EQ(OpenError(file), "byte " + std::to_string(data_at) +
                                 ": storage '1' has -9223372036854775806 elements" + kDamaged);
  EXPECT_EQ(OpenError("L119547037146038801333356L\n."),
            "this is torch's legacy format with pickle protocol 0\n"
            "hint: load it with torch and save it again");
}

TEST(CheckpointTest, ArchivesOverFourGibWork) {
  // The optimizer's storage is a hole of 4.5 GiB; the weights lie behind it.
  test_support::PickleWriter writer;
  writer.Raw("}(").Text("state_dict").Raw("}").Text("w");
  writer.Tensor("FloatStorage", "w", 2, 0, {2}, {1}).Raw("s").Text("optimizer");
  writer.Tensor("FloatStorage", "m", std::int64_t{9} << 27, 0, {1}, {1}).Raw("u");
  constexpr std::uint64_t kHole = std::uint64_t{9} << 29;
  std::string file = ZipFile({{.name = "t/data.pkl", .data = writer.Done()},
                              {.name = "t/data/m", .data = ""},
                              {.name = "t/data/w", .data = FloatBytes({7, 8}), .zip64 = true}},
                             {.zip64 = true});
  // Stretch it: enlarge the empty entry by hand and move what follows.
  const std::size_t next = file.find("PK\x03\x04", file.find("t/data/m"));
  const std::string head = file.substr(0, next);
  std::string tail = file.substr(next);
  const auto patch = [&](std::size_t at, std::uint64_t value) {
    tail.replace(at, sizeof value, test_support::LittleEndian(value));
  };
  const std::size_t w = tail.rfind("t/data/w") + 8;  // its ZIP64 block: id, size, size, packed, at
  patch(w + 4 + 16, next + kHole);
  const std::size_t end64 = tail.find("PK\x06\x06");
  const std::size_t directory = tail.find("PK\x01\x02");
  patch(end64 + 48, next + kHole + directory);
  patch(tail.find("PK\x06\x07") + 8, next + kHole + end64);

  const TemporaryFile place(head);
  if (::truncate(place.path().c_str(), static_cast<off_t>(next + kHole)) != 0) GTEST_SKIP();
  std::ofstream(place.path(), std::ios::binary | std::ios::app) << tail;
  const Checkpoint checkpoint = Checkpoint::Open(place.path());
  EXPECT_GT(checkpoint.file_size(), std::uint64_t{4} << 30);
  checkpoint.tensors()[0].storage->Verify();
  EXPECT_EQ(Floats(checkpoint.tensors()[0]), (std::vector<float>{7, 8}));
}

}  // namespace
}  // namespace yoloport::checkpoint
