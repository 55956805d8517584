// Entries 65 to 67 and 70 of the catalogue in docs/security.md for `export`.
// Whatever happens, the old file or the new one is there, whole, and nothing else.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <random>

#include "faults/fault_test.h"

namespace yoloport::bad_inputs {
namespace {

namespace fs = std::filesystem;
using test_support::Contents;

class ExportFaultTest : public FaultTest {
 protected:
  ExportFaultTest() {
    EXPECT_EQ(
        Run({"export", "config.py", "digits.pth", "--img-size", "64", "--output", "new.onnx"}).code,
        0);
    new_ = Contents(folder_ / "new.onnx");
    fs::remove(folder_ / "new.onnx");
  }

  // `export` over an old file, for n = 1 ... until it no longer fails. Every failure is an error
  // with a message, or was none to the program (a failed close of what was only read). What fails
  // behind the last rename finds the new file in place.
  void ExpectSurvives(const std::string& call, long each, double percent) const {
    const std::vector<std::string> arguments = {"export", "config.py", "digits.pth", "--img-size",
                                                "64",     "--output",  "x.onnx",     "--quiet"};
    for (long n = 1; n < kAll; n += Step(n, each, percent)) {
      SCOPED_TRACE(call + " " + std::to_string(n));
      Write("x.onnx", "old");
      test_support::Outcome outcome;
      const bool hit = Fail(call, n, YOLOPORT_PROGRAM, arguments, outcome);
      ASSERT_EQ(outcome.signal, 0) << outcome.err;
      const std::string left = Contents(folder_ / "x.onnx");
      EXPECT_TRUE(left == new_ || (outcome.code != 0 && left == "old")) << outcome.err;
      // libonnx says so and goes on when it cannot register one of its operators.
      const bool silent = outcome.err.empty() || outcome.err == "Schema error: std::bad_alloc\n";
      EXPECT_EQ(silent, outcome.code == 0) << outcome.err;
      EXPECT_EQ(test_support::Snapshot(folder_).size(), 3U);  // config, checkpoint, output
      if (hit) continue;
      std::printf("%s: fewer than %ld calls\n", call.c_str(), n);
      EXPECT_EQ(outcome.code, 0) << outcome.err;
      return;
    }
    FAIL() << "there is no end to it";
  }

  static constexpr long kAll = 10'000'000;
  std::string new_;  // what the export gives
};

TEST_F(ExportFaultTest, E65Writes) { ExpectSurvives("write", kAll, 0); }
TEST_F(ExportFaultTest, E65Reads) { ExpectSurvives("read", kAll, 0); }
TEST_F(ExportFaultTest, E65Closes) { ExpectSurvives("close", kAll, 0); }
TEST_F(ExportFaultTest, E65Renames) { ExpectSurvives("rename", kAll, 0); }

// Those that this program asks for, once from each place and then the n-th one; and those of all
// libraries: libonnx registers its operators with some 150,000.
TEST_F(ExportFaultTest, E70EachPlaceThatAllocates) {
  ExpectSurvives("site", IsSoak() ? 3000 : 20, IsSoak() ? 1 : 50);
}
TEST_F(ExportFaultTest, E70OwnAllocations) {
  ExpectSurvives("own", IsSoak() ? 2000 : 20, IsSoak() ? 1 : 50);
}
TEST_F(ExportFaultTest, E70AllAllocations) {
  ExpectSurvives("malloc", IsSoak() ? 2000 : 20, IsSoak() ? 0.5 : 50);
}

TEST_F(ExportFaultTest, E65FullDisk) {
  if (!MountSmallDisk("disk", 64)) GTEST_SKIP() << "this test may not mount a small tmpfs";
  Write("disk/x.onnx", "old");
  ExpectRefused({"export", "config.py", "digits.pth", "--output", "disk/x.onnx"},
                "error: 'disk/x.onnx': cannot be written: No space left on device\n");
  EXPECT_EQ(Contents(folder_ / "disk/x.onnx"), "old");
  UnmountSmallDisk("disk");
}

TEST_F(ExportFaultTest, E67AFileThatShrinks) {
  for (int n = 1; n <= 4; ++n) {
    SCOPED_TRACE(n);
    fs::remove(folder_ / "digits.pth");
    fs::copy_file(source_ / "demo/digits.pth", folder_ / "digits.pth");
    Write("x.onnx", "old");
    test_support::Outcome outcome;
    const bool hit = Fail("shrink", n, YOLOPORT_PROGRAM,
                          {"export", "digits.pth", "--output", "x.onnx"}, outcome);
    if (!hit) {
      EXPECT_GT(n, 1);  // the checkpoint is mapped once
      return;
    }
    EXPECT_EQ(outcome.signal, 0);
    EXPECT_EQ(outcome.code, 1);
    EXPECT_EQ(outcome.err,
              "error: 'digits.pth': was changed while it was read\n"
              "hint: try again once it is written or copied\n");
    EXPECT_EQ(Contents(folder_ / "x.onnx"), "old");
    EXPECT_EQ(test_support::Snapshot(folder_).size(), 3U);
  }
}

TEST_F(ExportFaultTest, E66KilledAtAnyMoment) {
  const int kills = IsSoak() ? 1000 : 40;
  std::minstd_rand random(1);
  int finished = 0;
  for (int i = 0; i < kills; ++i) {
    Write("x.onnx", "old");
    const pid_t child = ::fork();
    if (child == 0) {
      if (::chdir(folder_.c_str()) != 0) ::_exit(126);
      ::execl(YOLOPORT_PROGRAM, "yoloport", "export", "config.py", "digits.pth", "--img-size", "64",
              "--output", "x.onnx", "--quiet", nullptr);
      ::_exit(127);
    }
    ::usleep(random() % 100'000);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    const std::string left = Contents(folder_ / "x.onnx");
    ASSERT_TRUE(left == "old" || left == new_)
        << "kill " << i << " left " << left.size() << " bytes";
    finished += left == new_ ? 1 : 0;
    // A temporary may stay behind a kill; it never has the output's name, and is no trouble to
    // others.
    for (const auto& entry : fs::directory_iterator(folder_)) {
      if (entry.path().filename().native().find(".tmp-") != std::string::npos) {
        fs::remove(entry.path());
      }
    }
  }
  RecordProperty("finished_before_the_kill", finished);
}

}  // namespace
}  // namespace yoloport::bad_inputs
