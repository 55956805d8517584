// Writing a file so that nobody ever sees half of it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace yoloport {

// Writes into a temporary file beside `target` and renames it over `target` in Commit(). Without
// Commit()
// - an exception on the way, say - the temporary is removed and `target` stays what it was. Every
// write, close and rename is checked; each failure throws FileError that names `target`.
class AtomicFile {
 public:
  // Some writers take the format from the name: then the temporary ends as the target does.
  enum class KeepExtension { kNo, kYes };

  explicit AtomicFile(std::filesystem::path target, KeepExtension keep = KeepExtension::kNo);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void Write(std::span<const std::byte> bytes);
  void Write(std::string_view text) { Write(std::as_bytes(std::span(text))); }
  void Commit();

  // The open temporary, for writers that want a descriptor (vectored or protobuf streams).
  int descriptor() const { return fd_; }

  // Its path, for writers that open it by themselves.
  std::filesystem::path temporary() const { return temporary_; }

 private:
  [[noreturn]] void Fail(std::string_view action, int error) const;

  std::filesystem::path target_;
  std::string temporary_;
  int fd_ = -1;
};

}  // namespace yoloport
