#include "bad_inputs/bad_input.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace yoloport::bad_inputs {
namespace {

namespace fs = std::filesystem;
using test_support::Outcome;
using test_support::Snapshot;

long LargestKib(const fs::path& folder) {
  std::uintmax_t largest = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) largest = std::max(largest, entry.file_size());
  }
  return static_cast<long>(largest / 1024);
}

}  // namespace

void BadInput::ExpectRefused(const std::vector<std::string>& arguments, const std::string& message,
                             int code, const test_support::RunOptions& options) const {
  const auto before = Snapshot(folder_);
  const Outcome outcome = Run(arguments, options);
  EXPECT_EQ(outcome.err, message);
  EXPECT_EQ(outcome.signal, 0);
  EXPECT_EQ(outcome.code, code);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(Snapshot(folder_), before);
  if (const char* log = std::getenv("YOLOPORT_SHOW")) {
    std::ofstream(log, std::ios::app) << message << '\0' << outcome.err << '\0';
  }
  if (!kSanitized && arguments.front() != "detect") {
    constexpr long kBaseKib = 64 * 1000;
    // A child's peak begins at its parent's, which grows in an hour of `make soak`.
    rusage own{};
    ::getrusage(RUSAGE_SELF, &own);
    EXPECT_LE(outcome.peak_kib, std::max(own.ru_maxrss, kBaseKib + 2 * LargestKib(folder_)));
  }
}

Outcome BadInput::RunCheaply(const std::vector<std::string>& arguments,
                             const test_support::RunOptions& options) const {
  constexpr long kMostKib = 64 * 1000 + 512 * 1024;
  constexpr double kMostSeconds = 2;
  Outcome outcome = Run(arguments, options);
  if (kSanitized) return outcome;
  for (int again = 0; again < 2 && outcome.seconds > kMostSeconds; ++again) {
    outcome = Run(arguments, options);
  }
  EXPECT_LE(outcome.peak_kib, kMostKib + 2 * LargestKib(folder_));
  EXPECT_LE(outcome.seconds, kMostSeconds);
  return outcome;
}

void BadInput::ExpectCheaplyRefused(const std::vector<std::string>& arguments,
                                    const std::string& message, int code) const {
  const auto before = Snapshot(folder_);
  const Outcome outcome = RunCheaply(arguments, {.stack_kib = kSanitized ? 8192 : 128});
  EXPECT_EQ(outcome.err, message);
  EXPECT_EQ(outcome.signal, 0);
  EXPECT_EQ(outcome.code, code);
  EXPECT_EQ(Snapshot(folder_), before);
}

void BadInput::ExpectNoCheckpoint(std::string_view contents, const std::string& message) const {
  Write("model.pth", contents);
  ExpectRefused({"export", "config.py", "model.pth"}, message);
  fs::remove(folder_ / "model.pth");
}

}  // namespace yoloport::bad_inputs
