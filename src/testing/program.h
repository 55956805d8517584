// Runs programs in tests as their users meet them: exit code, whole texts, what it cost, and what
// was left on disk.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "testing/contents.h"

namespace yoloport::test_support {

struct Outcome {
  int code = -1;   // exit code; -1 when a signal ended it
  int signal = 0;  // that ended it, or 0
  std::string out;
  std::string err;
  long peak_kib = 0;   // resident memory
  double seconds = 0;  // of processor time
};

struct RunOptions {
  std::vector<std::string> environment = {};  // "NAME=value", added
  bool unprivileged = false;  // as a user who owns nothing; only where tests run as root
  long open_files = 0;        // at most so many descriptors; 0: as ever
  long file_bytes = 0;        // no file may become larger (ulimit -f); 0: as ever
  long stack_kib = 0;         // of stack; 0: as ever
};

// Runs `program` (a path) in `folder`, for at most a minute of processor time.
Outcome RunProgram(const std::string& program, const std::vector<std::string>& arguments,
                   const std::filesystem::path& folder, const RunOptions& options = {});

// Everything below a folder, by path: kind, and of files time of the last change, size and
// contents.
std::map<std::string, std::string> Snapshot(const std::filesystem::path& folder);

// Each test has a folder of its own, which is gone afterwards. It stands as `~` in what programs
// print: its name differs from run to run.
class ProgramTest : public testing::Test {
 protected:
  ProgramTest();
  ~ProgramTest() override;

  void Write(const std::string& name, std::string_view contents) const;
  // The demo's config and checkpoint, as links.
  void LinkDemo() const;

  // In the test's folder.
  Outcome RunHere(const std::string& program, const std::vector<std::string>& arguments,
                  const RunOptions& options = {}) const;
  // A line of the shell, run in `where`.
  Outcome RunLine(const std::string& line, const std::filesystem::path& where) const;

  std::filesystem::path source_;  // the repository's root
  std::filesystem::path folder_;

 private:
  Outcome WithoutFolder(Outcome outcome) const;
};

}  // namespace yoloport::test_support
