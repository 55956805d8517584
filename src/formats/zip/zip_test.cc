#include "formats/zip/zip.h"

#include <gtest/gtest.h>

#include "testing/files/checkpoint_files.h"

namespace yoloport::formats::zip {
namespace {

using test_support::LittleEndian;
using test_support::ZipFile;
using test_support::ZipSpec;

constexpr const char* kDamaged = "\nhint: the file is damaged: download or save it again";
constexpr const char* kIncomplete = "\nhint: the file is incomplete: download or copy it again";

std::span<const std::byte> Bytes(const std::string& file) { return std::as_bytes(std::span(file)); }

std::string Contents(const std::string& file, std::string_view name) {
  const ZipArchive archive(Bytes(file));
  const ZipBytes read = archive.Read(*archive.Find(name));
  return {reinterpret_cast<const char*>(read.bytes.data()), read.bytes.size()};
}

// Opens the archive and reads all its entries.
std::string Error(const std::string& file) {
  return test_support::ErrorOf([&] {
    const ZipArchive archive(Bytes(file));
    for (const ZipEntry& entry : archive.entries()) archive.Read(entry);
  });
}

const ZipSpec kOne{.name = "a", .data = "hello hello hello hello"};
const ZipSpec kTwo{.name = "b/c", .data = "other"};

TEST(ZipTest, ReadsStoredAndDeflatedEntries) {
  ZipSpec deflated = kOne;
  deflated.deflated = true;
  const std::string file = ZipFile({deflated, kTwo});
  EXPECT_EQ(Contents(file, "a"), kOne.data);
  EXPECT_EQ(Contents(file, "b/c"), "other");
  const ZipArchive archive(Bytes(file));
  EXPECT_EQ(archive.entries().size(), 2U);
  EXPECT_EQ(archive.Find("c"), nullptr);
  EXPECT_EQ(archive.Checksum(*archive.Find("a")), Crc32(Bytes(kOne.data)));
  EXPECT_EQ(archive.Read(*archive.Find("b/c")).owner, nullptr) << "a stored entry is a view";
}

TEST(ZipTest, ReadsDescriptorsZip64PaddingAndComments) {
  ZipSpec one = kOne;
  one.descriptor = true;
  one.pad_to = 64;
  ZipSpec two = kTwo;
  two.zip64 = true;
  const std::string file = ZipFile({one, two}, {.zip64 = true, .comment = "made by a test"});
  EXPECT_EQ(Contents(file, "a"), kOne.data);
  EXPECT_EQ(Contents(file, "b/c"), "other");
  const ZipArchive archive(Bytes(file));
  const auto* data = archive.Read(*archive.Find("a")).bytes.data();
  EXPECT_EQ((data - Bytes(file).data()) % 64, 0);
  EXPECT_TRUE(ZipArchive(Bytes(ZipFile({}))).entries().empty());
}

TEST(ZipTest, EqualChecksumsEverywhereAreNone) {
  EXPECT_TRUE(ZipArchive(Bytes(ZipFile({kOne, kTwo}))).has_checksums());
  const std::string without = ZipFile({kOne, kTwo}, {.no_checksums = true});
  const ZipArchive archive(Bytes(without));
  EXPECT_FALSE(archive.has_checksums());
  EXPECT_EQ(archive.Checksum(archive.entries()[0]), std::nullopt);
}

TEST(ZipTest, RefusesBytesAroundTheArchive) {
  const std::string file = ZipFile({kOne});
  EXPECT_EQ(
      Error("xyz" + file),
      std::string("3 bytes before the archive, or inside it where nothing should be") + kDamaged);
  EXPECT_EQ(Error(file + "xy"), "2 bytes after the end of the archive at byte " +
                                    std::to_string(file.size()) + kDamaged);
  EXPECT_EQ(Error(file.substr(0, file.size() - 1)),
            std::string("the zip archive ends before its directory") + kIncomplete);
}

TEST(ZipTest, RefusesDuplicateNames) {
  EXPECT_EQ(Error(ZipFile({kOne, kTwo, kOne})),
            std::string("two entries are named 'a'") + kDamaged);
}

TEST(ZipTest, RefusesOverlaps) {
  ZipSpec larger = kOne;
  larger.packed_change = larger.size_change = 60;
  EXPECT_EQ(Error(ZipFile({larger, kTwo})),
            std::string("entry 'a' of 83 bytes at byte 0 overlaps entry 'b/c'") + kDamaged);
  EXPECT_EQ(Error(ZipFile({larger})),
            std::string("entry 'a' of 83 bytes at byte 0 overlaps the zip directory") + kDamaged);
  // Two directory entries for one place.
  std::string file = ZipFile({kOne, {.name = "b", .data = kOne.data}});
  const std::size_t second = file.rfind("PK\x01\x02");
  file.replace(second + 42, 4, std::string(4, '\0'));
  EXPECT_EQ(Error(file),
            std::string("entry 'a' of 23 bytes at byte 0 overlaps entry 'b'") + kDamaged);
}

TEST(ZipTest, LocalHeadersMustAgree) {
  ZipSpec renamed = kOne;
  renamed.local_name = "z";
  EXPECT_EQ(Error(ZipFile({renamed})),
            std::string("entry 'a', byte 0: its local header is named 'z'") + kDamaged);
  ZipSpec resized = kOne;
  resized.size_change = 1;
  EXPECT_EQ(Error(ZipFile({resized})),
            std::string("entry 'a', byte 0: size or checksum differ between local header and "
                        "directory") +
                kDamaged);
  std::string flags = ZipFile({kOne});
  flags[6] = 2;
  EXPECT_EQ(Error(flags), std::string("entry 'a', byte 0: flags and method differ between local "
                                      "header and directory") +
                              kDamaged);
  std::string signature = ZipFile({kOne});
  signature[0] = 'Q';
  EXPECT_EQ(Error(signature), std::string("entry 'a', byte 0: no local header here") + kDamaged);
  std::string long_extra = ZipFile({kOne});
  long_extra[28] = 10;  // data then begins later, and reaches into the directory
  EXPECT_EQ(Error(long_extra), std::string("entry 'a', byte 0: 23 bytes of data at byte 41 overlap "
                                           "what follows") +
                                   kDamaged);
}

TEST(ZipTest, DescriptorsMustAgree) {
  ZipSpec one = kOne;
  one.descriptor = true;
  std::string file = ZipFile({one});
  file[file.find("PK\x07\x08") + 4] ^= 1;
  EXPECT_EQ(Error(file), std::string("entry 'a', byte 54: size or checksum after the data differ "
                                     "from the directory's") +
                             kDamaged);
}

TEST(ZipTest, RefusesEncryptionAndUnknownMethods) {
  ZipSpec encrypted = kOne;
  encrypted.flags = 1;
  EXPECT_EQ(Error(ZipFile({encrypted})),
            "entry 'a', byte 0: encrypted\nhint: decrypt the file first");
  ZipSpec bzip2 = kOne;
  bzip2.method = 12;
  EXPECT_EQ(Error(ZipFile({bzip2})),
            "entry 'a' is compressed by method 12; stored (0) and deflated (8) are known\n"
            "hint: load the checkpoint with torch and save it again");
}

TEST(ZipTest, Zip64FieldsMustBeThereAndPossible) {
  ZipSpec one = kOne;
  one.zip64 = true;
  one.zip64_block = std::string("\x01\x00\x08\x00", 4) + LittleEndian(std::uint64_t{23});
  EXPECT_EQ(Error(ZipFile({one})), std::string("zip directory, byte 74: entry 'a' has no ZIP64 "
                                               "size or offset where it needs one") +
                                       kDamaged);
  one.zip64_block = std::string("\x01\x00\x18\x00", 4) + LittleEndian(~std::uint64_t{0} - 1) +
                    LittleEndian(std::uint64_t{23}) + LittleEndian(std::uint64_t{0});
  EXPECT_EQ(Error(ZipFile({one})), std::string("zip directory, byte 74: entry 'a' has the "
                                               "impossible size or offset 18446744073709551614") +
                                       kDamaged);
  std::string locator = ZipFile({kOne}, {.zip64 = true});
  locator[locator.find("PK\x06\x07") + 8] = 1;
  EXPECT_NE(Error(locator).find("points to byte 1, where no ZIP64 record is"), std::string::npos);
}

TEST(ZipTest, DirectoryMustBeWhereItIsSaidToBe) {
  std::string count = ZipFile({kOne});
  count[count.size() - 22 + 8] = count[count.size() - 22 + 10] = 9;
  EXPECT_EQ(Error(count),
            std::string("the zip directory of 47 bytes cannot hold 9 entries") + kDamaged);
  std::string none = ZipFile({kOne});
  none[none.size() - 22 + 8] = none[none.size() - 22 + 10] = 0;
  EXPECT_EQ(
      Error(none),
      std::string("47 bytes at the end of the zip directory that belong to no entry") + kDamaged);
  std::string size = ZipFile({kOne});
  size[size.size() - 22 + 12] = 126;
  EXPECT_EQ(Error(size), std::string("the zip directory is said to be 126 bytes at byte 54, but it "
                                     "ends at byte 101") +
                             kDamaged);
  std::string disk = ZipFile({kOne});
  disk[disk.size() - 22 + 4] = 1;
  EXPECT_EQ(Error(disk), std::string("the archive is one part of several") + kDamaged);
}

TEST(ZipTest, DeflatedSizesMustBeTrueAndReasonable) {
  ZipSpec bomb{.name = "a", .data = std::string(std::size_t{80} << 20, '\0'), .deflated = true};
  const std::string file = ZipFile({bomb});
  EXPECT_EQ(Error(file), "entry 'a' unpacks to 83886080 bytes, too much for an archive of " +
                             std::to_string(file.size()) +
                             " bytes\nhint: weights do not shrink as much: the file is not what it "
                             "seems to be");
  for (const std::int64_t change : {-1, 1}) {
    std::string wrong = ZipFile({{.name = "a", .data = kOne.data, .deflated = true}});
    const std::string size = LittleEndian(static_cast<std::uint32_t>(23 + change));
    wrong.replace(22, 4, size);
    wrong.replace(wrong.rfind("PK\x01\x02") + 24, 4, size);
    EXPECT_EQ(Error(wrong), "entry 'a' does not unpack to the " + std::to_string(23 + change) +
                                " bytes it should have" + kDamaged);
  }
}

TEST(ZipTest, EveryTruncationIsRefused) {
  ZipSpec one = kOne;
  one.descriptor = true;
  const std::string file = ZipFile({one, kTwo}, {.zip64 = true});
  for (std::size_t length = 0; length < file.size(); ++length) {
    EXPECT_NE(Error(file.substr(0, length)), "(no error)") << length;
  }
}

}  // namespace
}  // namespace yoloport::formats::zip
