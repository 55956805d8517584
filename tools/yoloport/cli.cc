#include "cli.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <sstream>
#include <vector>

#include "words.h"
#include "yoloport/error.h"
#include "yoloport/temporaries.h"

namespace yoloport::tool {
namespace {

// The subcommand that was chosen, or the program itself.
const CLI::App& Chosen(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : *chosen.front();
}
const CLI::App& Chosen(const CLI::App&&) = delete;  // would dangle

// Where this program's own messages go.
std::FILE*& Messages() {
  static std::FILE* messages = stderr;
  return messages;
}

void PrintTagged(std::string_view tag, const char* colour, std::string_view text) {
  const bool coloured = HasColour();
  std::fprintf(Messages(), "%s%.*s:%s %.*s\n", coloured ? colour : "", static_cast<int>(tag.size()),
               tag.data(), coloured ? "\x1b[0m" : "", static_cast<int>(text.size()), text.data());
}

}  // namespace

bool IsTerminal() {
  const char* terminal = std::getenv("TERM");
  return ::isatty(::fileno(Messages())) == 1 &&
         (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

bool HasColour() {
  const char* no_colour = std::getenv("NO_COLOR");
  return IsTerminal() && (no_colour == nullptr || *no_colour == '\0');
}

void PrintError(std::string_view text) { PrintTagged("error", "\x1b[1;31m", text); }
void PrintNote(std::string_view text) { PrintTagged("note", "\x1b[1;36m", text); }
void PrintWarning(std::string_view text) { PrintTagged("warning", "\x1b[1;33m", text); }

void SilenceLibraries() {
  const int own = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
  const int nothing = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  std::FILE* messages = own < 0 ? nullptr : ::fdopen(own, "w");
  if (messages != nullptr && nothing >= 0 && ::dup2(nothing, STDERR_FILENO) >= 0) {
    std::setvbuf(messages, nullptr, _IONBF, 0);  // as stderr
    Messages() = messages;
  } else if (messages != nullptr) {
    std::fclose(messages);
  } else if (own >= 0) {
    ::close(own);
  }
  if (nothing >= 0) ::close(nothing);
}

std::string Named(const std::filesystem::path& path) {
  return "'" + Printable(path.native()) + "'";
}

void TryToMakeFolders(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
}

std::string Join(std::span<const std::string> words, const char* separator) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : separator) + word;
  return text;
}

std::string OneOf(std::span<const std::string> values) { return "{" + Join(values, ",") + "}"; }

std::string OneOf(std::initializer_list<std::string> values) {
  return OneOf(std::span(values.begin(), values.size()));
}

std::string ListOf(std::initializer_list<std::string> values) { return OneOf(values) + ",..."; }

// Not before the command is chosen: the list of commands shows descriptions, too.
void ShowExamples(CLI::App& command, const std::string& examples) {
  command.preparse_callback([&command, examples](std::size_t) {
    command.description(command.get_description() + "\n\n" + examples);
  });
}

void BeginGroup(CLI::App& command, const std::string& heading) {
  command.option_defaults()->group(heading);
}

namespace {

// The subcommand that the words name first, or the program itself.
const CLI::App& CommandOf(const CLI::App& app, const std::vector<std::string>& words) {
  for (const CLI::App* command : app.get_subcommands({})) {
    if (!words.empty() && command->get_name() == words.front()) return *command;
  }
  return app;
}

const CLI::App& CommandOf(const CLI::App&&,
                          const std::vector<std::string>&) = delete;  // would dangle

void PrintUnknown(const CLI::App& app, const std::string& what, const std::string& word) {
  PrintError("unknown " + what + " " + Printable(word) +
             Suggestion(app, word.substr(0, word.find('='))));
}

// Of words that CLI11 made nothing of.
bool RefuseRemaining(const CLI::App& app, const CLI::App& command) {
  for (const std::string& extra : command.remaining()) {
    if (extra == "--") continue;  // in front of files
    PrintUnknown(command, "option", extra);
    return true;
  }
  const bool lacks_command = &command == &app && !app.get_subcommands({}).empty();
  if (lacks_command) PrintError("a command is missing\nhint: see " + app.get_name() + " --help");
  return lacks_command;
}

}  // namespace

bool Parse(CLI::App& app, int argc, char** argv, int& exit_code) {
  exit_code = kWrongUsage;
  std::vector<std::string> words(argv + 1, argv + argc);
  const CLI::App& named = CommandOf(app, words);
  const bool has_commands = !app.get_subcommands({}).empty();
  if (has_commands && &named == &app && !words.empty() && !words.front().starts_with('-')) {
    PrintUnknown(app, "command", words.front());
    return false;
  }
  words = DeclaredWords(named, std::move(words));
  if (const std::string unknown = UnknownOption(app, named, words); !unknown.empty()) {
    PrintError(unknown);
    return false;
  }
  std::reverse(words.begin(), words.end());  // as CLI11 takes them
  try {
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {  // --help, --version
      std::ostringstream out;
      exit_code = app.exit(error, out, out);
      Print(out.str());
      return false;
    }
    const CLI::App& command = Chosen(app);
    const std::string name = app.get_name() + (&command == &app ? "" : " " + command.get_name());
    PrintError(Printable(error.what()) + "\nhint: see " + name + " --help");
    return false;
  }
  return !RefuseRemaining(app, Chosen(app));
}

namespace {

// Libraries ask for memory in destructors and in other functions that may not throw. Where it is
// refused there, the language ends the process: then by the same message and exit code as
// elsewhere, not by a signal.
[[noreturn]] void EndProcess() {
  RemoveTemporaries();
  const std::exception_ptr exception = std::current_exception();
  try {
    if (exception) std::rethrow_exception(exception);
  } catch (const std::bad_alloc&) {
    constexpr std::string_view kMessage = "error: out of memory\n";
    const ssize_t written = ::write(::fileno(Messages()), kMessage.data(), kMessage.size());
    static_cast<void>(written);  // there is nobody else to tell
    std::_Exit(kFailed);
  } catch (...) {
    // Not for a lack of memory: ends as it does in any program.
  }
  std::abort();
}

}  // namespace

int RunGuarded(const std::function<int()>& action) {
  std::set_terminate(EndProcess);
  try {
    return action();
  } catch (const UsageError& error) {
    PrintError(error.what());
    return kWrongUsage;
  } catch (const Error& error) {
    PrintError(error.what());
  } catch (const std::bad_alloc&) {
    PrintError("out of memory");
  } catch (const std::exception& error) {
    PrintError(Printable(error.what()));
  }
  return kFailed;
}

namespace {

bool IsOpenAs(int descriptor, const std::filesystem::path& path) {
  struct stat opened = {};
  struct stat named = {};
  return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

}  // namespace

bool IsStdout(const std::filesystem::path& path) { return IsOpenAs(STDOUT_FILENO, path); }
bool IsStderr(const std::filesystem::path& path) { return IsOpenAs(STDERR_FILENO, path); }

bool IsUnread() {
  pollfd out = {STDOUT_FILENO, 0, 0};
  return ::poll(&out, 1, 0) > 0 && (out.revents & POLLERR) != 0;
}

bool Print(std::string_view text) {
  errno = 0;
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (written) return true;
  if (errno == EPIPE) return false;
  throw FileError(std::string("standard output cannot be written: ") + std::strerror(errno));
}

}  // namespace yoloport::tool
