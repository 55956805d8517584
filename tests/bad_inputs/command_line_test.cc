// Entries 62 to 64 and 71 to 73 of the catalogue in docs/security.md: options, places and
// neighbours.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "bad_inputs/bad_input.h"

namespace yoloport::bad_inputs {
namespace {

namespace fs = std::filesystem;
using test_support::Contents;
using test_support::Outcome;
using test_support::RunOptions;

class BadCommand : public BadInput {
 protected:
  static RunOptions WithFiles(long count) {
    RunOptions options;
    options.open_files = count;
    return options;
  }
};

TEST_F(BadCommand, E62UnknownOptions) {
  ExpectRefused({"export", "digits.pth", "--img-sise", "640"},
                "error: unknown option --img-sise; did you mean --img-size?\n", 2);
  ExpectRefused({"exprt", "digits.pth"}, "error: unknown command exprt; did you mean export?\n", 2);
  ExpectRefused({"detect", "a.png", "b.onnx", "--out-dri", "x"},
                "error: unknown option --out-dri; did you mean --out-dir?\n", 2);
}

TEST_F(BadCommand, E63OptionsOutOfRange) {
  const auto with = [&](const std::string& option, const std::string& value,
                        const std::string& message) {
    ExpectRefused({"export", "digits.pth", option, value}, message, 2);
  };
  with("--score-threshold", "nan",
       "error: --score-threshold is nan, which is not between 0 and 1\n");
  with("--score-threshold", "1e9",
       "error: --score-threshold is 1000000000, which is not between 0 and 1\n");
  with("--iou-threshold", "inf", "error: --iou-threshold is inf, which is not between 0 and 1\n");
  with("--img-size", "641",
       "error: --img-size 641 641 does not fit: height and width must be multiples of 32, the "
       "network's largest stride\n"
       "hint: the nearest size is 640 640\n");
  with("--img-size", "0", "error: --img-size is 0, which is not between 1 and 8192\n");
  with("--img-size", "1",
       "error: --img-size 1 1 does not fit: height and width must be multiples of 32, the "
       "network's largest stride\n"
       "hint: the nearest size is 32 32\n");
  with("--img-size", "1e9",
       "error: --img-size: 1e9 is no whole number between 1 and 8192\n"
       "hint: see yoloport export --help\n");
  with("--img-size", "99999999999",
       "error: --img-size: 99999999999 is no whole number between 1 and 8192\n"
       "hint: see yoloport export --help\n");
  with("--batch-size", "-1", "error: --batch-size is -1, which is not between 1 and 1024\n");
  with("--pre-topk", "99999999999999999999",
       "error: --pre-topk: 99999999999999999999 is no whole number between 1 and 1048576\n"
       "hint: see yoloport export --help\n");
  ExpectRefused({"detect", "a.png", "b.onnx", "--score-thr", "nan"},
                "error: --score-thr must be from 0 to 1\n", 2);
}

TEST_F(BadCommand, E64OutputEqualsAnInput) {
  ExpectRefused({"export", "config.py", "digits.pth", "--output", "digits.pth"},
                "error: the output 'digits.pth' would overwrite an input\n"
                "hint: give another name with --output\n",
                2);
  ExpectRefused({"export", "config.py", "digits.pth", "--output", "config.py"},
                "error: the output 'config.py' would overwrite an input\n"
                "hint: give another name with --output\n",
                2);
  // The same file under other names, and a base of the config.
  fs::copy_file(source_ / "demo/digits.pth", folder_ / "copy.pth");
  fs::create_hard_link(folder_ / "copy.pth", folder_ / "hard.onnx");
  ExpectRefused({"export", "copy.pth", "--output", "hard.onnx"},
                "error: the output 'hard.onnx' would overwrite an input\n"
                "hint: give another name with --output\n",
                2);
  fs::create_directory(folder_ / "folder");
  ExpectRefused({"export", "copy.pth", "--output", "folder/../copy.pth"},
                "error: the output 'folder/../copy.pth' would overwrite an input\n"
                "hint: give another name with --output\n",
                2);
  Write("child.py", "_base_ = './config.py'\n");
  ExpectRefused({"export", "child.py", "digits.pth", "--output", "config.py"},
                "error: the output 'config.py' would overwrite an input\n"
                "hint: give another name with --output\n",
                2);
}

TEST_F(BadCommand, E71AnyLocaleGivesTheSameBytes) {
  std::vector<std::string> files;
  for (const char* locale : {"C", "de_DE.UTF-8", "tr_TR.UTF-8", "no_such_locale"}) {
    const std::string name = std::string(locale) + ".onnx";
    const Outcome outcome = Run({"export", "digits.pth", "--output", name, "--img-size", "64"},
                                {{std::string("LC_ALL=") + locale}});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    files.push_back(Contents(folder_ / name));
    EXPECT_EQ(files.back(), files.front()) << locale;
  }
}

TEST_F(BadCommand, E72TwoWritersAtOnce) {
  // Two sizes, so that a mixture would be neither.
  const auto arguments = [](const char* size, const char* output) {
    return std::vector<std::string>{"export", "digits.pth", "--img-size", size, "--output", output};
  };
  EXPECT_EQ(Run(arguments("64", "a.onnx")).code, 0);
  EXPECT_EQ(Run(arguments("128", "b.onnx")).code, 0);
  const std::string a = Contents(folder_ / "a.onnx");
  const std::string b = Contents(folder_ / "b.onnx");
  constexpr int kRounds = 10;
  const auto write = [&](const char* size) {
    for (int i = 0; i < kRounds; ++i) EXPECT_EQ(Run(arguments(size, "x.onnx")).code, 0);
  };
  std::thread one(write, "64");
  std::thread other(write, "128");
  std::string seen;
  for (int i = 0; i < 100; ++i) {
    seen = Contents(folder_ / "x.onnx");
    EXPECT_TRUE(seen.empty() || seen == a || seen == b);
    ::usleep(2000);
  }
  one.join();
  other.join();
  seen = Contents(folder_ / "x.onnx");
  EXPECT_TRUE(seen == a || seen == b);
  EXPECT_EQ(test_support::Snapshot(folder_).size(), 5U);  // two links, a, b, x: no temporaries
}

TEST_F(BadCommand, E73PlacesThatCannotBeWritten) {
  fs::create_directory(folder_ / "folder.onnx");
  ExpectRefused({"export", "digits.pth", "--output", "folder.onnx"},
                "error: 'folder.onnx': cannot be written: it is a directory\n");
  ExpectRefused(
      {"export", "digits.pth", "--output", std::string(300, 'x') + ".onnx"},
      "error: "
      "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxx...': cannot be created: File name too long\n");
  ExpectRefused({"export", "digits.pth", "--output", "config.py/x.onnx"},
                "error: 'config.py': cannot be created: Not a directory\n");
  ExpectRefused({"export", "digits.pth", "--work-dir", "config.py"},
                "error: 'config.py': cannot be created: Not a directory\n");
  // A name so long that only the temporary's is too long.
  const Outcome outcome =
      Run({"export", "digits.pth", "--output", std::string(240, 'x') + ".onnx"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
}

TEST_F(BadCommand, E73AnOutputThatNamesAFolder) {
  for (const std::string name : {"new/", "new/.", "."}) {
    ExpectRefused({"export", "config.py", "digits.pth", "--output", name},
                  "error: the output '" + name +
                      "' names a folder, not a file\n"
                      "hint: give a file's name with --output\n",
                  2);
  }
}

TEST_F(BadCommand, E73NoPermission) {
  if (::geteuid() != 0) {
    fs::create_directory(folder_ / "locked");
    fs::permissions(folder_ / "locked", fs::perms::owner_read | fs::perms::owner_exec);
  } else {
    fs::create_directory(folder_ / "locked");  // root's own, and the program runs as nobody
  }
  RunOptions nobody;
  nobody.unprivileged = ::geteuid() == 0;
  if (nobody.unprivileged &&
      test_support::RunProgram("/bin/cat", {(source_ / "demo/digits.pth").native()}, "/", nobody)
              .code != 0) {
    GTEST_SKIP() << "the source tree cannot be read by others";
  }
  ExpectRefused({"export", "digits.pth", "--output", "locked/x.onnx"},
                "error: 'locked/x.onnx': cannot be created: Permission denied\n", 1, nobody);
}

// The new file is where the old one was, and is nobody else's than it was.
TEST_F(BadCommand, OutputsStayWhatTheyAre) {
  const auto to = [](const std::string& output) {
    return std::vector<std::string>{"export", "digits.pth", "--img-size", "64", "--output", output};
  };
  EXPECT_EQ(Run(to("x.onnx")).code, 0);
  const std::string expected = Contents(folder_ / "x.onnx");
  // Nothing but the file on stdout.
  EXPECT_EQ(Run(to("/dev/stdout")).out, expected);
  const auto set_to = [](const std::string& output) {
    return std::vector<std::string>{"set",  "x.onnx",   "--score-threshold",
                                    "0.04", "--output", output};
  };
  EXPECT_EQ(Run(set_to("y.onnx")).code, 0);
  EXPECT_EQ(Run(set_to("/dev/stdout")).out, Contents(folder_ / "y.onnx"));
  ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  std::string read;
  std::thread reader([&] { read = Contents(folder_ / "fifo"); });
  EXPECT_EQ(Run(to("fifo")).code, 0);
  reader.join();
  EXPECT_EQ(read, expected);
  EXPECT_TRUE(fs::is_fifo(folder_ / "fifo"));
  EXPECT_EQ(Run(to("/dev/null")).code, 0);
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  const auto own = fs::perms::owner_read | fs::perms::owner_write;
  fs::permissions(folder_ / "x.onnx", own);
  fs::create_symlink("x.onnx", folder_ / "link.onnx");
  EXPECT_EQ(Run({"set", "link.onnx", "--score-threshold", "0.4"}).code, 0);
  EXPECT_EQ(Run(to("link.onnx")).code, 0);
  EXPECT_TRUE(fs::is_symlink(folder_ / "link.onnx"));
  EXPECT_EQ(Contents(folder_ / "x.onnx"), expected);
  EXPECT_EQ(fs::status(folder_ / "x.onnx").permissions(), own);
  fs::create_symlink("digits.pth", folder_ / "input.onnx");
  ExpectRefused(to("input.onnx"),
                "error: the output 'input.onnx' would overwrite an input\n"
                "hint: give another name with --output\n",
                2);
}

TEST_F(BadCommand, FilesBesideTheOutputNeedAPlace) {
  ExpectRefused(
      {"export", "digits.pth", "--layout", "mmdeploy", "--output", "pipeline.json"},
      "error: the output 'pipeline.json' is also the name of a file that --layout mmdeploy "
      "writes beside it\n"
      "hint: give another name with --output\n",
      2);
  fs::create_symlink("pipeline.json", folder_ / "link.onnx");
  ExpectRefused({"export", "digits.pth", "--layout", "mmdeploy", "--output", "link.onnx"},
                "error: the output 'link.onnx' is also the name of a file that --layout mmdeploy "
                "writes beside it\n"
                "hint: give another name with --output\n",
                2);
  fs::remove(folder_ / "link.onnx");
  ExpectRefused({"export", "digits.pth", "--layout", "mmdeploy", "--output", "/dev/null"},
                "error: the output '/dev/null' is not a regular file, and --layout mmdeploy writes "
                "files beside it\n"
                "hint: give another name with --output\n",
                2);
}

// Nobody writes into them, and nobody waits for that. (Lists and colors: OutputsTest.)
TEST_F(BadCommand, AFifoIsRefusedAtOnce) {
  for (const char* name : {"fifo", "fifo.py", "fifo.pth", "fifo.png", "fifo.mp4", "fifo.onnx"}) {
    ASSERT_EQ(::mkfifo((folder_ / name).c_str(), 0600), 0);
  }
  fs::copy_file(source_ / "testdata/detect/brightness.onnx", folder_ / "model.onnx");
  const auto refused = [&](const std::string& name, const std::vector<std::string>& arguments) {
    ExpectRefused(arguments, "error: '" + name + "': is not a regular file\n");
  };
  refused("fifo.py", {"export", "fifo.py", "digits.pth"});
  refused("fifo.pth", {"export", "config.py", "fifo.pth"});
  refused("fifo.py", {"inspect", "fifo.py"});
  refused("fifo.onnx", {"set", "fifo.onnx", "--score-threshold", "0.4"});
  refused("fifo.onnx", {"package", "fifo.onnx", "--target", "triton", "--output", "served"});
  refused("fifo.onnx", {"detect", "fifo.png", "fifo.onnx", "--no-save"});
  refused("fifo", {"detect", "fifo.png", "model.onnx", "--no-save", "--class-names", "fifo"});
  const std::vector<std::string> inputs = {"detect",     "fifo.png",  "fifo.mp4",
                                           "model.onnx", "--no-save", "--quiet"};
  ExpectRefused(inputs,
                "error: 'fifo.png': cannot be read: it is not a regular file\n"
                "error: 'fifo.mp4': is not a regular file\n"
                "error: 2 of 2 inputs failed: fifo.png, fifo.mp4\n");
}

TEST_F(BadCommand, E68ClosedPipe) {
  int pipe[2] = {};
  ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
  ::close(pipe[0]);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(pipe[1], STDOUT_FILENO);
    if (::chdir(folder_.c_str()) != 0) ::_exit(126);
    ::execl(YOLOPORT_PROGRAM, "yoloport", "inspect", "digits.pth", nullptr);
    ::_exit(127);
  }
  ::close(pipe[1]);
  int status = 0;
  ::waitpid(child, &status, 0);
  // As other tools end: by the signal, without a word.
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
}

TEST_F(BadCommand, E69NoDescriptorsLeft) {
  if (kSanitized) {
    GTEST_SKIP() << "sanitizers look into memory through a pipe, which takes descriptors";
  }
  // The program is loaded with 4. From there up to enough, each ends in an error or a whole file.
  ExpectRefused({"export", "config.py", "digits.pth"},
                "error: 'config.py': cannot be read: Too many open files\n", 1, WithFiles(4));
  int written = 0;
  for (long files = 4; files < 12; ++files) {
    fs::remove(folder_ / "x.onnx");
    const Outcome outcome =
        Run({"export", "config.py", "digits.pth", "--output", "x.onnx"}, WithFiles(files));
    EXPECT_EQ(outcome.signal, 0) << files;
    EXPECT_EQ(outcome.code, fs::exists(folder_ / "x.onnx") ? 0 : 1) << files << outcome.err;
    written += outcome.code == 0 ? 1 : 0;
    EXPECT_EQ(test_support::Snapshot(folder_).size(), outcome.code == 0 ? 3U : 2U);
  }
  EXPECT_GT(written, 0);
}

}  // namespace
}  // namespace yoloport::bad_inputs
