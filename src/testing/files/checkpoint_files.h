// Writers of small pickles, archives and checkpoints, good and bad, for the tests of this folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace yoloport::test_support {

// The little-endian bytes of a number.
template <typename T>
std::string LittleEndian(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof(T)};
}

// The bytes of some floats.
std::string FloatBytes(const std::vector<float>& values);

// Builds a pickle from instructions, without judging them. The first is PROTO 2, STOP is up to
// Done().
class PickleWriter {
 public:
  explicit PickleWriter(int protocol = 2) { Raw("\x80").Byte(protocol); }

  PickleWriter& Raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  PickleWriter& Byte(int byte) {
    bytes_ += static_cast<char>(byte);
    return *this;
  }
  PickleWriter& Text(std::string_view text);  // BINUNICODE
  PickleWriter& Int(std::int64_t number);     // LONG1
  PickleWriter& Global(std::string_view module, std::string_view name);
  PickleWriter& IntTuple(const std::vector<std::int64_t>& numbers);

  // A persistent id ('storage', torch.CLASS, key, 'cpu', elements), with None at its end if legacy.
  PickleWriter& Storage(std::string_view storage_class, std::string_view key, std::int64_t elements,
                        bool legacy = false);
  // _rebuild_tensor_v2 on that storage.
  PickleWriter& Tensor(std::string_view storage_class, std::string_view key, std::int64_t elements,
                       std::int64_t offset, const std::vector<std::int64_t>& shape,
                       const std::vector<std::int64_t>& stride, bool legacy = false);

  std::string Done() const { return bytes_ + "."; }

 private:
  std::string bytes_;
};

// How one entry of an archive is written, and what is wrong with it.
struct ZipSpec {
  std::string name;
  std::string data;
  bool deflated = false;
  bool descriptor = false;  // sizes and checksum after the data, zeros before it
  bool zip64 = false;       // sizes and offset in ZIP64 blocks
  std::uint16_t flags = 0;
  int crc_change = 0;              // added to the checksum, in both headers
  std::string local_name = {};     // another name in the local header
  std::int64_t size_change = 0;    // added to the unpacked size in the directory
  std::int64_t packed_change = 0;  // added to the packed size in the directory
  std::uint16_t method = 0xFFFF;   // another method than the data's
  std::string zip64_block = {};    // with zip64: this instead of the right block
  int pad_to = 1;                  // data begins at a multiple of this
};

struct ZipEnd {
  bool zip64 = false;  // a ZIP64 end record and locator
  std::string comment = {};
  bool no_checksums = false;
};

std::string ZipFile(const std::vector<ZipSpec>& entries, const ZipEnd& end = {});

// A torch archive: top/data.pkl, top/byteorder, top/data/KEY ..., top/version.
struct StorageData {
  std::string key;
  std::string bytes;
};
std::vector<ZipSpec> TorchEntries(const std::string& pickle, const std::vector<StorageData>& data,
                                  const std::string& byteorder = "little");
std::string TorchZip(const std::string& pickle, const std::vector<StorageData>& data);

// A legacy file: its four first pickles, the keys, and the data with its element counts.
std::string TorchLegacy(const std::string& pickle, const std::vector<StorageData>& data,
                        std::size_t element_size = 4);

// A small checkpoint as MMEngine writes one: meta, and a state_dict of "a.weight" (2x3 floats 0..5,
// storage "0") and "a.bias" (float16 1, -2, storage "1").
std::string SmallPickle(bool legacy = false);
std::vector<StorageData> SmallData();

struct NamedFloats {
  std::string key;
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};
// A torch archive of a state_dict of these.
std::string TorchFloats(const std::vector<NamedFloats>& tensors);

// A file in the tests' temporary folder, removed at the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view contents, std::string_view name = "model.pth");
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The what() of the CheckpointError that `action` throws; "(no error)" when it throws none.
std::string ErrorOf(const std::function<void()>& action);

// What Checkpoint::Open says of a file with these contents, without the file's name.
std::string OpenError(std::string_view contents);

}  // namespace yoloport::test_support
