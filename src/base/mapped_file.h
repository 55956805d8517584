// A file mapped read-only into memory.
#pragma once

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace yoloport {

void GuardMappedFiles();

}  // namespace yoloport

namespace yoloport::base {

// Shared, immutable bytes of a file. Pages are read from disk when they are touched, so what nobody
// looks at costs nothing. Keep the shared_ptr for as long as any view into `bytes()` is used.
//
// Where a file shrinks, or its disk fails, while it is mapped, the system has no bytes to give and
// sends SIGBUS. Behind GuardMappedFiles() (yoloport/mapped_files.h) that gives zeros; whoever
// believed the bytes asks CheckUnchanged() before anything comes of them.
class MappedFile {
 public:
  // Throws FileError when `path` is missing, a directory, or not readable. An empty file gives no
  // bytes.
  static std::shared_ptr<const MappedFile> Open(const std::filesystem::path& path);

  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }
  const std::filesystem::path& path() const { return path_; }

  // Throws FileError when the file shrank, was written to, or could not be read since it was
  // opened: bytes() are then a mixture.
  void CheckUnchanged() const;

 private:
  struct Guarded;  // what the handler of bus errors knows
  class Descriptor {
   public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }

   private:
    int fd_;
  };

  explicit MappedFile(std::filesystem::path path);
  void Map();
  static void OnBusError(int signal, siginfo_t* info, void* context);
  friend void yoloport::GuardMappedFiles();

  std::filesystem::path path_;
  Descriptor file_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::int64_t modified_ = 0;  // nanoseconds
  Guarded* guarded_ = nullptr;
};

}  // namespace yoloport::base
