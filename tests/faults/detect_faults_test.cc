// Entries 65, 66, 70 and 73 of the catalogue in docs/security.md for `detect`: whatever the system
// does, each picture is the old one or the new one, whole, and nothing else is in its folder.
//
// ONNX Runtime, OpenCV and the libraries behind it end the process at some of their own failed
// allocations and reads; what is asked of them here is only that no file suffers.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <random>

#include "faults/fault_test.h"

namespace yoloport::bad_inputs {
namespace {

namespace fs = std::filesystem;
using test_support::Contents;
using test_support::Outcome;
using test_support::Snapshot;

class DetectFaultTest : public FaultTest {
 protected:
  DetectFaultTest() {
    fs::copy_file(source_ / "demo/page1.png", folder_ / "page.png");
    fs::copy_file(source_ / "testdata/detect/brightness.onnx", folder_ / "model.onnx");
    EXPECT_EQ(Run(arguments_).code, 0);
    picture_ = Contents(folder_ / "out/page.png");
  }

  struct Attempt {
    Outcome outcome;
    bool hit = false;
  };

  // The program itself: `yoloport`, which starts it, would count calls of its own.
  Attempt TryWithout(const std::string& call, long n) const {
    Write("out/page.png", "old");
    Attempt attempt;
    attempt.hit = Fail(call, n, YOLOPORT_DETECT_PROGRAM, arguments_, attempt.outcome,
                       {"YOLOPORT_FAULT_UNDER=" + fs::canonical(folder_).native()});
    return attempt;
  }

  // The picture is the new one where the program ended well, and else the old one; or the new one,
  // where something failed afterwards.
  void ExpectWhole(const Outcome& outcome) const {
    const std::string left = Contents(folder_ / "out/page.png");
    EXPECT_TRUE(left == picture_ || (outcome.code != 0 && left == "old")) << outcome.err;
    EXPECT_EQ(Snapshot(folder_ / "out").size(), 1U);
  }

  // An error with a message, or nothing of the kind. ONNX Runtime says so and goes on when it
  // cannot register one of its operators.
  static void ExpectSaid(const Outcome& outcome) {
    ASSERT_EQ(outcome.signal, 0) << outcome.err;
    const bool silent = outcome.err.empty() || outcome.err == "Schema error: std::bad_alloc\n";
    EXPECT_EQ(silent, outcome.code == 0) << outcome.err;
    EXPECT_TRUE(outcome.code == 0 || outcome.code == 1) << outcome.code;
  }

  // For n = 1 ... until it no longer comes to that.
  void ExpectSurvives(const std::string& call, long each, double percent) const {
    constexpr long kMost = 10'000'000;
    for (long n = 1; n < kMost; n += Step(n, each, percent)) {
      SCOPED_TRACE(call + " " + std::to_string(n));
      const Attempt attempt = TryWithout(call, n);
      ExpectSaid(attempt.outcome);
      if (HasFatalFailure()) return;
      ExpectWhole(attempt.outcome);
      if (attempt.hit) continue;
      std::printf("%s: fewer than %ld calls\n", call.c_str(), n);
      EXPECT_EQ(attempt.outcome.code, 0) << attempt.outcome.err;
      return;
    }
    FAIL() << "there is no end to it";
  }

  const std::vector<std::string> arguments_ = {"detect",  "page.png",  "model.onnx",
                                               "--quiet", "--out-dir", "out"};
  std::string picture_;  // what the command gives
};

constexpr long kAll = 10'000'000;

TEST_F(DetectFaultTest, E65Writes) { ExpectSurvives("write", kAll, 0); }
TEST_F(DetectFaultTest, E65Renames) { ExpectSurvives("rename", kAll, 0); }
// Of files in the test's folder only: ONNX Runtime ends the process where /proc/cpuinfo cannot be
// read.
TEST_F(DetectFaultTest, E65Reads) { ExpectSurvives("read", kAll, 0); }
TEST_F(DetectFaultTest, E65Closes) { ExpectSurvives("close", kAll, 0); }

TEST_F(DetectFaultTest, E70EachPlaceThatAllocates) {
  ExpectSurvives("site", IsSoak() ? kAll : 10, 60);
}
TEST_F(DetectFaultTest, E70OwnAllocations) { ExpectSurvives("own", IsSoak() ? kAll : 10, 60); }

// Of all libraries: there the process may be ended, by a signal or (127) by the loader of
// libraries, which damages nothing.
TEST_F(DetectFaultTest, E70AllAllocations) {
  constexpr int kEndedByTheLoader = 127;
  int tried = 0;
  int ended = 0;
  for (long n = 1; n < kAll; n += Step(n, IsSoak() ? 500 : 1, IsSoak() ? 1 : 100)) {
    SCOPED_TRACE("malloc " + std::to_string(n));
    const Attempt attempt = TryWithout("malloc", n);
    ++tried;
    if (attempt.outcome.signal != 0 || attempt.outcome.code == kEndedByTheLoader) {
      ++ended;
    } else if (attempt.outcome.code != 0) {  // GDAL says so and goes on
      ExpectSaid(attempt.outcome);
    }
    ExpectWhole(attempt.outcome);
    if (attempt.hit) continue;
    EXPECT_EQ(attempt.outcome.code, 0) << attempt.outcome.err;
    std::printf("malloc: fewer than %ld calls; %d tried, %d ended the process\n", n, tried, ended);
    return;
  }
  FAIL() << "there is no end to it";
}

TEST_F(DetectFaultTest, E65FullDisk) {
  if (!MountSmallDisk("disk", 8)) GTEST_SKIP() << "this test may not mount a small tmpfs";
  Write("disk/page.png", "old");
  const Outcome outcome = Run({"detect", "page.png", "model.onnx", "--quiet", "--out-dir", "disk"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err,
            "error: 'disk/page.png': cannot be written: No space left on device\n"
            "error: 1 of 1 inputs failed: page.png\n");
  EXPECT_EQ(Contents(folder_ / "disk/page.png"), "old");
  EXPECT_EQ(Snapshot(folder_ / "disk").size(), 1U);
  UnmountSmallDisk("disk");
}

TEST_F(DetectFaultTest, E73NoPermission) {
  fs::create_directory(folder_ / "locked");
  Write("locked/page.png", "old");
  test_support::RunOptions nobody;
  nobody.unprivileged = ::geteuid() == 0;  // the folder is root's then
  if (!nobody.unprivileged) {
    fs::permissions(folder_ / "locked", fs::perms::owner_read | fs::perms::owner_exec);
  }
  if (nobody.unprivileged &&
      test_support::RunProgram("/bin/cat", {(source_ / "demo/digits.pth").native()}, "/", nobody)
              .code != 0) {
    GTEST_SKIP() << "the source tree cannot be read by others";
  }
  const Outcome outcome =
      Run({"detect", "page.png", "model.onnx", "--quiet", "--out-dir", "locked"}, nobody);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err,
            "error: 'locked/page.png': cannot be created: Permission denied\n"
            "error: 1 of 1 inputs failed: page.png\n");
  const Outcome deep =
      Run({"detect", "page.png", "model.onnx", "--out-dir", "locked/deep/out"}, nobody);
  EXPECT_EQ(deep.code, 1);
  EXPECT_EQ(deep.err, "error: 'locked/deep/out': cannot be created: Permission denied\n");
  EXPECT_EQ(deep.out, "");
  EXPECT_EQ(Contents(folder_ / "locked/page.png"), "old");
  EXPECT_EQ(Snapshot(folder_ / "locked").size(), 1U);
}

// Ctrl-C at any moment of a run over many images. Before it can be caught it ends the program.
TEST_F(DetectFaultTest, E66InterruptedAtAnyMoment) {
  constexpr int kImages = 40;
  fs::create_directory(folder_ / "in");
  for (int i = 0; i < kImages; ++i) {
    fs::copy_file(folder_ / "page.png", folder_ / "in" / (std::to_string(i) + ".png"));
  }
  std::minstd_rand random(1);
  for (int round = 0; round < (IsSoak() ? 200 : 6); ++round) {
    SCOPED_TRACE(round);
    for (int i = 0; i < kImages; ++i) Write("out/" + std::to_string(i) + ".png", "old");
    const pid_t child = ::fork();
    if (child == 0) {
      if (::chdir(folder_.c_str()) != 0) ::_exit(126);
      std::freopen("/dev/null", "w", stderr);
      ::execl(YOLOPORT_PROGRAM, "yoloport", "detect", "in", "model.onnx", "--quiet", "--out-dir",
              "out", nullptr);
      ::_exit(127);
    }
    ::usleep(random() % 800'000);
    ::kill(child, SIGINT);
    int status = 0;
    ::waitpid(child, &status, 0);
    const bool uncaught = WIFSIGNALED(status) && WTERMSIG(status) == SIGINT;
    const bool ended = WIFEXITED(status) && (WEXITSTATUS(status) == 130 || status == 0);
    EXPECT_TRUE(uncaught || ended) << status;
    EXPECT_EQ(Snapshot(folder_ / "out").size(), 1U + kImages);  // and page.png
    for (int i = 0; i < kImages; ++i) {
      const std::string left = Contents(folder_ / "out" / (std::to_string(i) + ".png"));
      EXPECT_TRUE(left == "old" || left == picture_) << i << " has " << left.size() << " bytes";
    }
  }
}

}  // namespace
}  // namespace yoloport::bad_inputs
