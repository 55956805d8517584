// Entries 1 to 19 of the catalogue in docs/security.md: what is no checkpoint, and archives that
// lie.
#include "bad_inputs/bad_input.h"
#include "formats/zip/zip_format.h"
#include "testing/files/checkpoint_files.h"

namespace yoloport::bad_inputs {
namespace {

using test_support::SmallData;
using test_support::SmallPickle;
using test_support::TorchEntries;
using test_support::ZipFile;
using test_support::ZipSpec;

using namespace std::string_literals;

class BadFile : public BadInput {};
class BadZip : public BadInput {
 protected:
  static std::vector<ZipSpec> Entries() { return TorchEntries(SmallPickle(), SmallData()); }

  // A whole archive in which one entry, found by name, is changed.
  template <typename Change>
  static std::string Changed(const std::string& name, const Change& change) {
    auto entries = Entries();
    for (ZipSpec& entry : entries) {
      if (entry.name == name) change(entry);
    }
    return ZipFile(entries);
  }

  // What `inspect` says of these contents, which must be fine.
  std::string Inspected(std::string_view contents) const {
    Write("model.pth", contents);
    const test_support::Outcome outcome = Run({"inspect", "model.pth"});
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(outcome.code, 0);
    return outcome.out;
  }
};

TEST_F(BadFile, E01Empty) {
  ExpectNoCheckpoint("",
                     "error: 'model.pth': the file is empty\n"
                     "hint: download or copy it again\n");
}

TEST_F(BadFile, E02LfsPointer) {
  ExpectNoCheckpoint(
      "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22e"
      "adbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n",
      "error: 'model.pth': this is a git-lfs pointer, not the file it points to\n"
      "hint: run `git lfs pull` in the repository\n");
}

TEST_F(BadFile, E03ErrorPage) {
  ExpectNoCheckpoint(
      "<!DOCTYPE html>\n<html><head><title>404</title></head></html>\n",
      "error: 'model.pth': this is a web page, not weights\n"
      "hint: the download gave a page instead of the file: check the link and download it again\n");
  ExpectNoCheckpoint(
      "\n  <html>\n",
      "error: 'model.pth': this is a web page, not weights\n"
      "hint: the download gave a page instead of the file: check the link and download it again\n");
  ExpectNoCheckpoint(
      "{\"message\": \"Not Found\"}\n",
      "error: 'model.pth': this is a JSON text, not weights\n"
      "hint: the download gave a page instead of the file: check the link and download it again\n");
  ExpectNoCheckpoint(
      "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>",
      "error: 'model.pth': this is a web page, not weights\n"
      "hint: the download gave a page instead of the file: check the link and download it again\n");
}

TEST_F(BadFile, E04Truncated) {
  const std::string zip = test_support::TorchZip(SmallPickle(), SmallData());
  const std::string legacy = test_support::TorchLegacy(
      SmallPickle(true), {{"0", test_support::FloatBytes({0, 1, 2, 3, 4, 5})},
                          {"1", test_support::FloatBytes({1, -2})}});
  ExpectNoCheckpoint(zip.substr(0, zip.size() / 2),
                     "error: 'model.pth': the zip archive ends before its directory\n"
                     "hint: the file is incomplete: download or copy it again\n");
  ExpectNoCheckpoint(legacy.substr(0, legacy.size() - 2),
                     "error: 'model.pth': byte 742: storage '1' has 2 elements of 4 bytes, but "
                     "only 6 bytes follow\n"
                     "hint: the file is incomplete: download or copy it again\n");
  ExpectNoCheckpoint(legacy.substr(0, 40),
                     "error: 'model.pth': byte 24: BINUNICODE: wants 13 bytes where 11 are left\n"
                     "hint: the file is damaged: download or save it again\n");
}

TEST_F(BadFile, E05OtherFormats) {
  ExpectNoCheckpoint("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"s,
                     "error: 'model.pth': this is a PNG image\n"
                     "hint: a checkpoint (.pth of MMYOLO, or .safetensors) is needed\n");
  ExpectNoCheckpoint(
      test_support::Contents(source_ / "testdata/detect/brightness.onnx"),
      "error: 'model.pth': this is an ONNX model\n"
      "hint: it needs no export; to export again, give the checkpoint (.pth) it was made from\n");
  ExpectNoCheckpoint("\x1f\x8b\x08\0\0\0\0\0"s,
                     "error: 'model.pth': this is compressed by gzip\n"
                     "hint: unpack it first\n");
  ExpectNoCheckpoint("\x01\x02\x03\x04 nothing known"s,
                     "error: 'model.pth': this is no format that yoloport knows: it begins with "
                     "the bytes '\\x01\\x02\\x03\\x04 not...'\n"
                     "hint: a checkpoint (.pth of MMYOLO, or .safetensors) is needed\n");
}

TEST_F(BadFile, E06BytesBeforeTheArchive) {
  ExpectNoCheckpoint(
      "hello" + test_support::TorchZip(SmallPickle(), SmallData()),
      "error: 'model.pth': 5 bytes before the archive, or inside it where nothing should be\n"
      "hint: the file is damaged: download or save it again\n");
}

TEST_F(BadFile, E07Tar) {
  std::string tar(1024, '\0');
  tar.replace(0, 8, "storages");
  tar.replace(257, 5, "ustar");
  ExpectNoCheckpoint(tar,
                     "error: 'model.pth': this is a tar archive\n"
                     "hint: if it is a checkpoint of torch 0.1, load it with torch and save it "
                     "again; else unpack it\n");
}

TEST_F(BadFile, E08TorchScript) {
  auto entries = TorchEntries(SmallPickle(), SmallData());
  entries.push_back({.name = "top/constants.pkl", .data = "x"});
  ExpectNoCheckpoint(ZipFile(entries),
                     "error: 'model.pth': a TorchScript program, not a checkpoint\n"
                     "hint: export from the checkpoint (.pth) that it was made from\n");
}

TEST_F(BadZip, E09EntryLargerThanItsTensor) {
  ExpectNoCheckpoint(Changed("top/data/0",
                             [](ZipSpec& entry) {
                               entry.data = std::string(1 << 20, '\0');
                               entry.deflated = true;
                             }),
                     "error: 'model.pth': tensor 'a.weight': entry 'top/data/0' has 1048576 bytes "
                     "where 6 elements of float32 are expected\n"
                     "hint: the file is damaged: download or save it again\n");
  // The directory may claim any size: nothing of that size is made.
  const std::string file = Changed("top/data.pkl", [](ZipSpec& entry) {
    entry.deflated = true;
    entry.descriptor = true;
    entry.size_change = std::int64_t{1} << 31;
  });
  ExpectNoCheckpoint(file, "error: 'model.pth': entry 'top/data.pkl', byte " +
                               std::to_string(file.find(test_support::LittleEndian(
                                   formats::zip::kDescriptorSignature))) +
                               ": size or checksum after the data differ from the directory's\n"
                               "hint: the file is damaged: download or save it again\n");
}

TEST_F(BadZip, E10Overlap) {
  ExpectNoCheckpoint(Changed("top/data/0", [](ZipSpec& entry) { entry.packed_change = 100; }),
                     "error: 'model.pth': entry 'top/data/0' of 124 bytes at byte 735 overlaps "
                     "entry 'top/data/1'\n"
                     "hint: the file is damaged: download or save it again\n");
}

TEST_F(BadZip, E11DuplicateNames) {
  auto entries = Entries();
  entries.push_back(entries[2]);
  ExpectNoCheckpoint(ZipFile(entries),
                     "error: 'model.pth': two entries are named 'top/data/0'\n"
                     "hint: the file is damaged: download or save it again\n");
}

TEST_F(BadZip, E12HeadersDiffer) {
  ExpectNoCheckpoint(Changed("top/data/0", [](ZipSpec& entry) { entry.local_name = "top/data/x"; }),
                     "error: 'model.pth': tensor 'a.weight': entry 'top/data/0', byte 735: its "
                     "local header is named 'top/data/x'\n"
                     "hint: the file is damaged: download or save it again\n");
  ExpectNoCheckpoint(Changed("top/data/0",
                             [](ZipSpec& entry) {
                               entry.size_change = -4;
                               entry.packed_change = -4;
                             }),
                     "error: 'model.pth': tensor 'a.weight': entry 'top/data/0' has 20 bytes where "
                     "6 elements of float32 are expected\n"
                     "hint: the file is damaged: download or save it again\n");
}

TEST_F(BadZip, E13Zip64) {
  ExpectNoCheckpoint(Changed("top/data/0",
                             [](ZipSpec& entry) {
                               entry.zip64 = true;
                               entry.zip64_block = "\x01\0\x04\0\0\0\0\0"s;
                             }),
                     "error: 'model.pth': zip directory, byte 1060: entry 'top/data/0' has no "
                     "ZIP64 size or offset where it needs one\n"
                     "hint: the file is damaged: download or save it again\n");
  ExpectNoCheckpoint(Changed("top/data/0",
                             [](ZipSpec& entry) {
                               entry.zip64 = true;
                               entry.zip64_block = "\x01\0\x18\0"s + std::string(24, '\xff');
                             }),
                     "error: 'model.pth': zip directory, byte 1060: entry 'top/data/0' has the "
                     "impossible size or offset 18446744073709551615\n"
                     "hint: the file is damaged: download or save it again\n");
}

// A real archive of more than 4 GiB is in CheckpointTest.ArchivesOverFourGibWork.

TEST_F(BadZip, E14WrongChecksum) {
  // Of the pickle, which is read at once, and of weights, when they are.
  ExpectNoCheckpoint(Changed("top/data.pkl", [](ZipSpec& entry) { entry.crc_change = 1; }),
                     "error: 'model.pth': entry 'top/data.pkl': its bytes do not have the checksum "
                     "that the archive states\n"
                     "hint: the file is damaged: download or copy it again\n");
  std::string model = test_support::Contents(folder_ / "digits.pth");
  model[model.find("digits/data/7") + 200] ^= 1;
  ExpectNoCheckpoint(
      model,
      "error: 'model.pth': tensor 'backbone.stage2.1.blocks.0.conv1.bn.running_var': entry "
      "'digits/data/70': its bytes do not have the checksum that the archive states\n"
      "hint: the file is damaged: download or copy it again\n");
}

TEST_F(BadZip, E14NoChecksumsAreSaid) {
  const std::string without = ZipFile(Entries(), {.no_checksums = true});
  EXPECT_NE(Inspected(without).find("note            the file was written without checksums: "
                                    "damage cannot be noticed\n"),
            std::string::npos);
}

TEST_F(BadZip, E15Encrypted) {
  ExpectNoCheckpoint(Changed("top/data.pkl", [](ZipSpec& entry) { entry.flags = 1; }),
                     "error: 'model.pth': entry 'top/data.pkl', byte 0: encrypted\n"
                     "hint: decrypt the file first\n");
}

TEST_F(BadZip, E16NamesAreNotPaths) {
  auto entries = Entries();
  entries.push_back({.name = "../../escaped", .data = "x"});
  entries.push_back({.name = "/tmp/escaped", .data = "x"});
  entries.push_back({.name = "top/nul\0inside"s, .data = "x"});
  entries.push_back({.name = "top/\xff\xfe", .data = "x"});
  Inspected(ZipFile(entries));
  EXPECT_FALSE(std::filesystem::exists(folder_.parent_path() / "escaped"));
  // In messages they are escaped.
  ExpectNoCheckpoint(ZipFile({{.name = "../\x1b[31m\0\xff"s, .data = "x"}}),
                     "error: 'model.pth': a zip archive, but not torch's: it has no data.pkl, its "
                     "entries begin with '../\\x1b[31m\\x00\\xff'\n"
                     "hint: a file written by torch.save is needed\n");
}

TEST_F(BadZip, E17TwoPickles) {
  auto entries = Entries();
  entries.push_back({.name = "other/data.pkl", .data = SmallPickle()});
  ExpectNoCheckpoint(
      ZipFile(entries),
      "error: 'model.pth': the archive has two pickles, 'top/data.pkl' and 'other/data.pkl'\n"
      "hint: the file is damaged: download or save it again\n");
}

TEST_F(BadZip, E18ExtraRecordsAreIgnored) {
  auto entries = Entries();
  entries.push_back({.name = "top/.data/serialization_id", .data = "123"});
  entries.push_back({.name = "other/thing", .data = "123"});
  EXPECT_NE(Inspected(ZipFile(entries)).find("a.weight"), std::string::npos);
}

TEST_F(BadZip, E19ByteOrder) {
  ExpectNoCheckpoint(ZipFile(TorchEntries(SmallPickle(), SmallData(), "middle")),
                     "error: 'model.pth': entry 'top/byteorder' says 'middle' where 'little' or "
                     "'big' is expected\n"
                     "hint: the file is damaged: download or save it again\n");
  const std::string big = ZipFile(TorchEntries(SmallPickle(), SmallData(), "big"));
  EXPECT_NE(Inspected(big).find("the file was written on a big-endian machine"),
            std::string::npos);  // that values are swapped: CheckpointTest.SwapsBigEndianData
}

}  // namespace
}  // namespace yoloport::bad_inputs
