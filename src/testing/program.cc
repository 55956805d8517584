#include "testing/program.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace yoloport::test_support {
namespace {

namespace fs = std::filesystem;

// An output of the child that is no file in the folder.
class Capture {
 public:
  Capture() : fd_(::memfd_create("output", MFD_CLOEXEC)) {}
  ~Capture() { ::close(fd_); }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  int fd() const { return fd_; }
  std::string Text() const { return Contents("/proc/self/fd/" + std::to_string(fd_)); }

 private:
  int fd_;
};

// In the child, between fork and exec: system calls only.
[[noreturn]] void Become(const std::string& program, char* const* argv, const fs::path& folder,
                         const RunOptions& options, const Capture& out, const Capture& err) {
  const int null = ::open("/dev/null", O_RDONLY);
  ::dup2(null, STDIN_FILENO);
  ::dup2(out.fd(), STDOUT_FILENO);
  ::dup2(err.fd(), STDERR_FILENO);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);  // what the test's own caller left open
  const rlimit seconds = {60, 60};
  ::setrlimit(RLIMIT_CPU, &seconds);
  if (options.open_files > 0) {
    const auto most = static_cast<rlim_t>(options.open_files);
    const rlimit files = {most, most};
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
  if (options.file_bytes > 0) {
    const auto most = static_cast<rlim_t>(options.file_bytes);
    const rlimit bytes = {most, most};
    ::setrlimit(RLIMIT_FSIZE, &bytes);
  }
  if (options.stack_kib > 0) {
    const auto bytes = static_cast<rlim_t>(options.stack_kib) * 1024;
    const rlimit stack = {bytes, bytes};
    ::setrlimit(RLIMIT_STACK, &stack);
  }
  if (::chdir(folder.c_str()) != 0) ::_exit(126);
  constexpr uid_t kNobody = 65534;
  if (options.unprivileged && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) ::_exit(126);
  for (const std::string& variable : options.environment) {
    ::putenv(const_cast<char*>(variable.c_str()));
  }
  ::execv(program.c_str(), argv);
  ::_exit(127);
}

void ReplaceAll(std::string& text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

Outcome RunProgram(const std::string& program, const std::vector<std::string>& arguments,
                   const fs::path& folder, const RunOptions& options) {
  const Capture out;
  const Capture err;
  std::vector<char*> argv = {const_cast<char*>(program.c_str())};
  for (const std::string& each : arguments) argv.push_back(const_cast<char*>(each.c_str()));
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) Become(program, argv.data(), folder, options, out, err);
  int status = 0;
  rusage usage = {};
  while (::wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  Outcome outcome;
  if (WIFEXITED(status)) outcome.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  outcome.out = out.Text();
  outcome.err = err.Text();
  outcome.peak_kib = usage.ru_maxrss;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  outcome.seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  return outcome;
}

std::map<std::string, std::string> Snapshot(const fs::path& folder) {
  std::map<std::string, std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    std::string text = std::to_string(static_cast<int>(entry.symlink_status().type()));
    if (entry.is_regular_file()) {
      const auto add = [&](auto number) { text.append(" ").append(std::to_string(number)); };
      add(entry.last_write_time().time_since_epoch().count());
      add(entry.file_size());
      add(std::hash<std::string>{}(Contents(entry.path())));
    }
    all[entry.path().lexically_relative(folder).native()] = text;
  }
  return all;
}

ProgramTest::ProgramTest() : source_(fs::current_path()) {
  const testing::TestInfo& info = *testing::UnitTest::GetInstance()->current_test_info();
  folder_ = fs::path(testing::TempDir()) /
            (std::string("yoloport_") + info.name() + "_" + std::to_string(::getpid()));
  fs::remove_all(folder_);
  fs::create_directories(folder_);
}

ProgramTest::~ProgramTest() { fs::remove_all(folder_); }

void ProgramTest::Write(const std::string& name, std::string_view contents) const {
  fs::create_directories((folder_ / name).parent_path());
  std::ofstream(folder_ / name, std::ios::binary) << contents;
}

void ProgramTest::LinkDemo() const {
  fs::create_symlink(source_ / "demo/config.py", folder_ / "config.py");
  fs::create_symlink(source_ / "demo/digits.pth", folder_ / "digits.pth");
}

Outcome ProgramTest::WithoutFolder(Outcome outcome) const {
  ReplaceAll(outcome.out, folder_.native(), "~");
  ReplaceAll(outcome.err, folder_.native(), "~");
  return outcome;
}

Outcome ProgramTest::RunHere(const std::string& program, const std::vector<std::string>& arguments,
                             const RunOptions& options) const {
  return WithoutFolder(RunProgram(program, arguments, folder_, options));
}

Outcome ProgramTest::RunLine(const std::string& line, const fs::path& where) const {
  return WithoutFolder(RunProgram("/bin/sh", {"-c", line}, where));
}

}  // namespace yoloport::test_support
