// Entries 65 to 67 and 70 of the catalogue in docs/security.md: the system fails the program.
// Whatever happens, the old file or the new one is there, whole, and nothing else.
//
// YOLOPORT_SOAK=1 tries each of the first 2,000 n, then every n / 500 more (an export makes some
// 175,000 allocations), and kills a thousand times; by default some seconds are spent.
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>

#include "bad_inputs/harness.h"

namespace yoloport::bad_inputs {
namespace {

namespace fs = std::filesystem;

bool IsSoak() { return std::getenv("YOLOPORT_SOAK") != nullptr; }

// A command that fails at its n-th call of something, for growing n.
class FaultTest : public BadInput {
 protected:
  FaultTest() : hit_(folder_.native() + ".hit") {
    const std::vector<std::string> good = {"export", "config.py", "digits.pth", "--img-size",
                                           "64",     "--output",  "new.onnx"};
    EXPECT_EQ(Run(good).code, 0);
    new_ = Contents(folder_ / "new.onnx");
    fs::remove(folder_ / "new.onnx");
  }
  ~FaultTest() override { fs::remove(hit_); }

  // Runs `arguments` with the n-th `call` failing; false when there are less than n of them.
  bool Fail(const std::string& call, long n, const std::vector<std::string>& arguments,
            Outcome& outcome) const {
    fs::remove(hit_);
    RunOptions options;
    options.environment = {"LD_PRELOAD=" YOLOPORT_FAULTS,
                           "YOLOPORT_FAULT=" + call + ":" + std::to_string(n),
                           "YOLOPORT_FAULT_HIT=" + hit_};
    // ONNX Runtime ends the process where /proc/cpuinfo cannot be read.
    if (arguments.front() == "detect") {
      options.environment.push_back("YOLOPORT_FAULT_UNDER=" + fs::canonical(folder_).native());
    }
    outcome = Run(arguments, options);
    return fs::exists(hit_);
  }

  // `export` over an old file, for n = 1 ... until it no longer fails; from the 20th on `step`
  // percent more each time, or as YOLOPORT_SOAK says. Every failure is an error with a message, or
  // was none to the program (a failed close of what was only read).
  void ExpectSurvives(const std::string& call, long step) const {
    const std::vector<std::string> arguments = {"export", "config.py", "digits.pth", "--img-size",
                                                "64",     "--output",  "x.onnx",     "--quiet"};
    constexpr long kMost = 10'000'000;
    for (long n = 1; n < kMost; n += NextStep(n, step)) {
      SCOPED_TRACE(call + " " + std::to_string(n));
      Write("x.onnx", "old");
      Outcome outcome;
      const bool hit = Fail(call, n, arguments, outcome);
      ASSERT_EQ(outcome.signal, 0) << outcome.err;
      const std::string left = Contents(folder_ / "x.onnx");
      EXPECT_EQ(left, outcome.code == 0 ? new_ : "old");
      // libonnx says so and goes on when it cannot register one of its operators.
      const bool silent = outcome.err.empty() || outcome.err == "Schema error: std::bad_alloc\n";
      EXPECT_EQ(silent, outcome.code == 0) << outcome.err;
      EXPECT_EQ(Snapshot(folder_).size(), 3U);  // config, checkpoint, output
      if (hit) continue;
      std::printf("%s: %ld calls\n", call.c_str(), n - 1);
      EXPECT_EQ(outcome.code, 0) << outcome.err;
      return;
    }
    FAIL() << "there is no end to it";
  }

  static long NextStep(long n, long percent) {
    constexpr long kFine = 2000;
    constexpr long kEach = 20;
    if (n < (IsSoak() ? kFine : kEach)) return 1;
    return std::max(1L, IsSoak() ? n / 500 : n * percent / 100);
  }

  std::string hit_;  // outside the folder
  std::string new_;  // what the export gives
};

TEST_F(FaultTest, E65Writes) { ExpectSurvives("write", 10); }
TEST_F(FaultTest, E65Reads) { ExpectSurvives("read", 10); }
TEST_F(FaultTest, E65Closes) { ExpectSurvives("close", 10); }
TEST_F(FaultTest, E65Renames) { ExpectSurvives("rename", 10); }
// One image: the picture that was there before or the new one, and nothing else in its folder.
TEST_F(FaultTest, E65DetectOnOneImage) {
  fs::copy_file(source_ / "demo/page1.png", folder_ / "page.png");
  fs::copy_file(source_ / "testdata/detect/brightness.onnx", folder_ / "model.onnx");
  const std::vector<std::string> arguments = {"detect",  "page.png",  "model.onnx",
                                              "--quiet", "--out-dir", "out"};
  ASSERT_EQ(Run(arguments).code, 0);
  const std::string picture = Contents(folder_ / "out/page.png");
  for (const std::string call : {"write", "rename", "read", "close"}) {
    for (long n = 1; n < 1000; n += NextStep(n, 10)) {
      SCOPED_TRACE(call + " " + std::to_string(n));
      Write("out/page.png", "old");
      Outcome outcome;
      const bool hit = Fail(call, n, arguments, outcome);
      ASSERT_EQ(outcome.signal, 0) << outcome.err;
      EXPECT_EQ(Contents(folder_ / "out/page.png"), outcome.code == 0 ? picture : "old");
      EXPECT_EQ(outcome.err.empty(), outcome.code == 0) << outcome.err;
      EXPECT_EQ(Snapshot(folder_ / "out").size(), 1U);
      if (!hit) break;
    }
  }
}

TEST_F(FaultTest, E70Allocations) { ExpectSurvives("malloc", 25); }

TEST_F(FaultTest, E65FullDisk) {
  const fs::path disk = folder_ / "disk";
  fs::create_directory(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=64k") != 0) {
    GTEST_SKIP() << "this test may not mount a small tmpfs";
  }
  Write("disk/x.onnx", "old");
  ExpectRefused({"export", "config.py", "digits.pth", "--output", "disk/x.onnx"},
                "error: 'disk/x.onnx': cannot be written: No space left on device\n");
  EXPECT_EQ(Contents(disk / "x.onnx"), "old");
  ::umount(disk.c_str());
}

TEST_F(FaultTest, E67AFileThatShrinks) {
  for (int n = 1; n <= 4; ++n) {
    SCOPED_TRACE(n);
    fs::remove(folder_ / "digits.pth");
    fs::copy_file(source_ / "demo/digits.pth", folder_ / "digits.pth");
    Write("x.onnx", "old");
    Outcome outcome;
    const bool hit = Fail("shrink", n, {"export", "digits.pth", "--output", "x.onnx"}, outcome);
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
    EXPECT_EQ(Snapshot(folder_).size(), 3U);
  }
}

TEST_F(FaultTest, E66KilledAtAnyMoment) {
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
