// Writing a file so that nobody ever sees half of it.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/temporary.h"

namespace yoloport::base {

// Where a file of that name is or will be: one path for all its names, also behind links to what is
// not there yet. For comparisons.
std::filesystem::path PlaceOf(std::filesystem::path path);

// Writes into a temporary file beside `target` and renames it over `target` in Commit(). Without
// Commit() - an exception on the way, say - the temporary is removed and `target` stays what it
// was. Every write, close and rename is checked; each failure throws FileError that names `target`.
//
// - Links stay links: what a symbolic link points to is replaced. Of a file that has several names
//   (hard links), this name gets the new file and the others keep the old one.
// - The new file gets the mode, owner, group and access list of the old one, as far as the system
//   allows; where the group cannot be kept, the mode gives it no more than others have.
// - What holds no file - a FIFO, a terminal, /dev/null - is written through as it comes, and so are
//   this process's own descriptors, such as /dev/stdout. Sockets and disks are refused.
class AtomicFile {
 public:
  // Who opens the file: this class, or somebody else by temporary()'s name. For them that ends as
  // the target does, which says the format, and only a regular file will do.
  enum class Opened { kHere, kByName };

  // Messages call the file `name`; default: `target`.
  explicit AtomicFile(const std::filesystem::path& target, Opened opened = Opened::kHere,
                      const std::filesystem::path& name = {});
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void Write(std::span<const std::byte> bytes);
  void Write(std::string_view text) { Write(std::as_bytes(std::span(text))); }
  void Commit();

  // The temporary's path, for writers that open it by themselves.
  std::filesystem::path temporary() const { return temporary_.path(); }

 private:
  // What is kept of the file that is replaced.
  struct Kept {
    mode_t mode;
    uid_t owner;
    gid_t group;
    std::string access_list;  // as the system stores it; "" where there is none
  };

  void OpenTemporary(const std::string& extension);
  void OpenThrough();
  void Restore() const;
  [[noreturn]] void Fail(std::string_view action, int error) const;

  std::filesystem::path name_;   // for messages
  std::filesystem::path place_;  // behind all links
  Temporary temporary_;          // none where `place_` is written through
  std::optional<Kept> kept_;
  int fd_ = -1;
};

}  // namespace yoloport::base
