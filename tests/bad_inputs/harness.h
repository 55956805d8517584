// Runs the program on bad inputs as a stranger's file would meet it: exit code, whole message, what
// it cost, and what was left on disk.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace yoloport::bad_inputs {

// Whether the programs are built with a sanitizer: they then take many times as much memory, and
// open descriptors of their own.
inline constexpr bool kSanitized = YOLOPORT_SANITIZED;

struct Outcome {
  int code = -1;   // exit code; -1 when a signal ended it
  int signal = 0;  // that ended it, or 0
  std::string out;
  std::string err;
  long peak_kib = 0;   // resident memory
  double seconds = 0;  // of processor time
};

struct RunOptions {
  std::vector<std::string> environment;  // "NAME=value", added
  bool unprivileged = false;             // as a user who owns nothing; only where tests run as root
  long open_files = 0;                   // at most so many descriptors; 0: as ever
};

// Runs `program` (a path) in `folder`, for at most a minute of processor time.
Outcome RunProgram(const std::string& program, const std::vector<std::string>& arguments,
                   const std::filesystem::path& folder, const RunOptions& options = {});

// Everything below a folder, by path: kind, and of files time of the last change, size and
// contents.
std::map<std::string, std::string> Snapshot(const std::filesystem::path& folder);

std::string Contents(const std::filesystem::path& path);

// Each test has a folder of its own, in which the program runs. `~` in expected messages stands for
// that folder. The demo's config and checkpoint are there as links.
class BadInput : public testing::Test {
 protected:
  BadInput();
  ~BadInput() override;

  void Write(const std::string& name, std::string_view contents) const;

  // yoloport, whatever the command is.
  Outcome Run(const std::vector<std::string>& arguments, const RunOptions& options = {}) const;

  // `arguments` must end with `code` and exactly `message` on stderr, print nothing, create and
  // change nothing; and take no more memory than 64 MB and twice the largest file in the folder
  // (`detect` loads libraries of 100 MB and more: not there).
  void ExpectRefused(const std::vector<std::string>& arguments, const std::string& message,
                     int code = 1, const RunOptions& options = {}) const;

  // The same for `yoloport export CONFIG model.pth` on a checkpoint of these contents.
  void ExpectNoCheckpoint(std::string_view contents, const std::string& message) const;

  // What is promised for a file made to cost as much as it can: 2 seconds of processor time, and 64
  // MB, twice the file and half a GiB of memory.
  void ExpectCheap(const Outcome& outcome) const;

  // The same for a run that must end with `code` and exactly `message` on stderr; its stack is
  // small, so that nothing may follow what is nested by calls.
  void ExpectCheaplyRefused(const std::vector<std::string>& arguments, const std::string& message,
                            int code = 1) const;

  std::filesystem::path source_;  // the repository's root
  std::filesystem::path folder_;
};

}  // namespace yoloport::bad_inputs
