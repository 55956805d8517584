// Signals and limits that end commands which write: the old files or the new ones are there, whole,
// and nothing else.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <map>
#include <random>

#include "faults/fault_test.h"

namespace yoloport::bad_inputs {
namespace {

namespace fs = std::filesystem;
using test_support::Contents;

using Files = std::map<std::string, std::string>;

// A command that writes.
struct Command {
  const char* name;
  std::vector<std::string> arguments;
  int milliseconds;             // about as long as it takes
  bool is_measurement = false;  // whose results differ each time
  // The same command on the first inputs only, none of them first: what it leaves when it is told
  // to end early is what one of these leaves.
  std::vector<std::vector<std::string>> shorter = {};
};

constexpr std::array kSignals = {SIGTERM, SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGXCPU};

class SignalTest : public FaultTest {
 protected:
  SignalTest() {
    fs::copy_file(source_ / "demo/page1.png", folder_ / "page.png");
    Write("broken.png", "");
    EXPECT_EQ(Run(kExport.arguments).code, 0);
    fs::copy_file(folder_ / "x.onnx", folder_ / "model.onnx");
  }

  // Everything in the folder and its folders, by path.
  Files All() const {
    Files files;
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      const std::string name = entry.path().lexically_relative(folder_).native();
      files[name] = entry.is_regular_file() ? Contents(entry.path()) : "not a file";
    }
    return files;
  }

  // Files of the command that are not what they are to be become "old".
  void MakeOld(const Files& done, const Files& before) const {
    for (const auto& [name, text] : done) {
      if (text != "not a file" && !before.contains(name)) Write(name, "old");
    }
  }

  pid_t Start(const std::vector<std::string>& arguments) const {
    std::vector<char*> argv = {const_cast<char*>("yoloport")};
    for (const std::string& each : arguments) argv.push_back(const_cast<char*>(each.c_str()));
    argv.push_back(nullptr);
    const pid_t child = ::fork();
    if (child != 0) return child;
    // Whoever runs the tests may ignore some, as shells do for what is in the background.
    for (const int signal : kSignals) ::signal(signal, SIG_DFL);
    if (::chdir(folder_.c_str()) != 0) ::_exit(126);
    const int null = ::open("/dev/null", O_RDWR);
    ::dup2(null, STDOUT_FILENO);
    ::dup2(null, STDERR_FILENO);
    ::execv(YOLOPORT_PROGRAM, argv.data());
    ::_exit(127);
  }

  // Each file is one of `old`, or the same as one of `ends` has.
  void ExpectOldOrDone(const Files& old, const std::vector<Files>& ends,
                       bool is_measurement = false) const {
    for (const auto& [name, text] : All()) {
      const auto has = [&name = name, &text = text](const Files& files) {
        const auto found = files.find(name);
        return found != files.end() && found->second == text;
      };
      const bool is_done = std::any_of(ends.begin(), ends.end(), has) ||
                           (is_measurement && ends.front().contains(name));
      EXPECT_TRUE(has(old) || is_done) << name << " of " << text.size() << " bytes is left";
    }
  }

  // What `command` leaves when nothing ends it, and then what it leaves of fewer inputs.
  std::vector<Files> EndsOf(const Command& command, const Files& before) const {
    EXPECT_EQ(Run(command.arguments).code, 0);
    std::vector<Files> ends = {All()};
    for (const auto& arguments : command.shorter) {
      Restore(before);
      Run(arguments);
      ends.push_back(All());
    }
    return ends;
  }

  // Ends `command` by `signal` at random moments, `rounds` times.
  void ExpectWholeFiles(const Command& command, int signal, int rounds) {
    SCOPED_TRACE(std::string(command.name) + ", signal " + std::to_string(signal));
    const Files before = All();
    const std::vector<Files> ends = EndsOf(command, before);
    int ended = 0;
    for (int round = 0; round < rounds; ++round) {
      Restore(before);
      if (command.arguments.front() != "package") MakeOld(ends.front(), before);
      const Files old = All();
      const pid_t child = Start(command.arguments);
      ::usleep(random_() % (static_cast<unsigned>(command.milliseconds) * 1000));
      ::kill(child, signal);
      int status = 0;
      ::waitpid(child, &status, 0);
      const bool by_signal = WIFSIGNALED(status) && WTERMSIG(status) == signal;
      // `detect` completes what it has begun, and says by which signal it was told to.
      const bool told = WIFEXITED(status) && WEXITSTATUS(status) == 128 + signal;
      EXPECT_TRUE(by_signal || told || status == 0) << status;
      ended += by_signal || told ? 1 : 0;
      SCOPED_TRACE("round " + std::to_string(round));
      ExpectOldOrDone(old, ends, command.is_measurement);
      if (HasFailure()) return;
    }
    if (IsSoak()) {
      EXPECT_GT(ended, 0);
    }
    std::printf("%s, signal %d: %d of %d rounds ended by it\n", command.name, signal, ended,
                rounds);
    Restore(before);
  }

  // Removes all that was not there.
  void Restore(const Files& before) const {
    for (const auto& [name, ignored] : All()) {
      if (!before.contains(name)) fs::remove_all(folder_ / name);
    }
    for (const auto& [name, text] : before) {
      if (name == "x.onnx") Write(name, text);  // the one file that is changed
    }
  }

  static const Command kExport;
  std::minstd_rand random_{1};
};

const Command SignalTest::kExport = {
    "export",
    {"export", "config.py", "digits.pth", "--img-size", "64", "--output", "x.onnx", "--quiet"},
    100};

const Command kWithJson = {"export --layout mmdeploy",
                           {"export", "config.py", "digits.pth", "--img-size", "64", "--layout",
                            "mmdeploy", "--output", "y.onnx", "--quiet"},
                           100};
const Command kSet = {
    "set", {"set", "model.onnx", "--score-threshold", "0.4", "--output", "set.onnx"}, 30};
const Command kPackage = {
    "package",
    {"package", "model.onnx", "--target", "triton", "--output", "served", "--quiet"},
    40};
// `detect` on these inputs.
std::vector<std::string> Detect(std::vector<std::string> inputs) {
  inputs.insert(inputs.begin(), "detect");
  for (const char* each : {"model.onnx", "--quiet", "--out-dir", "out", "--format", "coco,csv,yolo",
                           "--json", "r.jsonl"}) {
    inputs.emplace_back(each);
  }
  return inputs;
}

const Command kDetect = {
    "detect",
    Detect({"page.png", "page.png", "page.png"}),
    1000,
    false,
    {Detect({"broken.png"}), Detect({"page.png"}), Detect({"page.png", "page.png"})}};
const Command kBench = {
    "bench",
    {"bench", "model.onnx", "--threads", "1", "--seconds", "0.1", "--json", "b.jsonl"},
    600,
    true};

TEST_F(SignalTest, E17EveryCommandLeavesWholeFiles) {
  const int rounds = IsSoak() ? 100 : 4;
  for (const int signal : kSignals) {
    for (const Command* command : {&kExport, &kWithJson, &kSet, &kPackage}) {
      ExpectWholeFiles(*command, signal, rounds);
    }
  }
}

// Of the signals that nobody sends as a rule, but for a program's own faults.
TEST_F(SignalTest, E17RareSignalsLeaveWholeFiles) {
  for (const int signal : {SIGABRT, SIGIO, SIGPWR, SIGSYS, SIGSTKFLT, SIGVTALRM, SIGRTMIN + 1}) {
    ExpectWholeFiles(kExport, signal, IsSoak() ? 100 : 2);
  }
}

TEST_F(SignalTest, E17DetectAndBenchLeaveWholeFiles) {
  for (const int signal : {SIGTERM, SIGHUP, SIGINT}) {
    ExpectWholeFiles(kDetect, signal, IsSoak() ? 100 : 2);
    ExpectWholeFiles(kBench, signal, IsSoak() ? 20 : 1);
  }
}

TEST_F(SignalTest, E17ExportsTerminated) {
  ExpectWholeFiles(kExport, SIGTERM, IsSoak() ? 1000 : 40);
}

// `ulimit -f 100`.
constexpr long kFewBytes = 100 << 10;

TEST_F(SignalTest, E18AFileThatMayNotGrowIsAnError) {
  const test_support::RunOptions limited = {.file_bytes = kFewBytes};
  Write("x.onnx", "old");
  ExpectRefused(kExport.arguments, "error: 'x.onnx': cannot be written: File too large\n", 1,
                limited);
  Write("y.onnx", "old");
  ExpectRefused(kWithJson.arguments, "error: 'y.onnx': cannot be written: File too large\n", 1,
                limited);
  ExpectRefused(kSet.arguments, "error: 'set.onnx': cannot be written: File too large\n", 1,
                limited);
  ExpectRefused(kPackage.arguments,
                "error: 'served/models/model/1/model.onnx': cannot be written: File too large\n", 1,
                limited);
}

// A limit anywhere in the file, also in what is written last.
TEST_F(SignalTest, E18AnyLimitLeavesWholeFiles) {
  const Files done = All();
  const auto size = static_cast<unsigned>(Contents(folder_ / "x.onnx").size());
  const int rounds = IsSoak() ? 1000 : 20;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    Write("x.onnx", "old");
    const Files old = All();
    const long limit = static_cast<long>(random_() % (size + size / 10)) + 1;
    const test_support::Outcome outcome = Run(kExport.arguments, {.file_bytes = limit});
    EXPECT_EQ(outcome.signal, 0);
    EXPECT_EQ(outcome.code, limit < static_cast<long>(size) ? 1 : 0) << limit;
    EXPECT_EQ(Contents(folder_ / "x.onnx") == "old", outcome.code == 1);
    ExpectOldOrDone(old, {done});
    if (HasFailure()) return;
  }
}

TEST_F(SignalTest, E18DetectUnderALimit) {
  const test_support::Outcome outcome = Run(
      {"detect", "page.png", "model.onnx", "--quiet", "--out-dir", "out"}, {.file_bytes = 1000});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err,
            "error: 'out/page.png': cannot be written: File too large\n"
            "error: 1 of 1 inputs failed: page.png\n");
  EXPECT_TRUE(fs::is_empty(folder_ / "out"));
}

}  // namespace
}  // namespace yoloport::bad_inputs
