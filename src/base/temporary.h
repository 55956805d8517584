// Files and folders that exist only while something is written.
#pragma once

#include <functional>
#include <string>

namespace yoloport {
void RemoveTemporaries() noexcept;
}

namespace yoloport::base {

// One of them, which is removed with this object, and by RemoveTemporaries() when a signal ends the
// process - all of them from the latest to the first, so that a folder is empty when its turn
// comes.
class Temporary {
 public:
  enum class Kind { kFile, kFolder };

  explicit Temporary(Kind kind = Kind::kFile) : kind_(kind) {}
  ~Temporary() { Remove(); }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  // Lets `create` make `path`, and knows it from then on if that returns true. No signal can end
  // the process in between.
  bool Make(std::string path, const std::function<bool(const std::string&)>& create);

  // Gives it its final name. False, with errno, where that fails.
  bool RenameTo(const char* target);

  // Somebody else has renamed it, or a folder that it is in.
  void Release();
  void Remove();

  // "" when there is none.
  const std::string& path() const { return path_; }

 private:
  friend void yoloport::RemoveTemporaries() noexcept;

  const Kind kind_;
  std::string path_;
  int process_ = 0;             // a fork's copy is not its own
  Temporary* older_ = nullptr;  // in the list of all
  Temporary* newer_ = nullptr;

  static Temporary* newest_;
};

}  // namespace yoloport::base
