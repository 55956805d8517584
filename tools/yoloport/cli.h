// What the programs' command lines have in common.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "yoloport/text.h"

namespace yoloport::tool {

enum ExitCode { kDone = 0, kFailed = 1, kWrongUsage = 2 };

// Whether progress and colours make sense on stderr: a terminal, and for colours no NO_COLOR.
bool IsTerminal();
bool HasColour();

// "error: TEXT" on stderr, coloured on a terminal.
void PrintError(std::string_view text);
void PrintNote(std::string_view text);
void PrintWarning(std::string_view text);

// From now on this program's own messages alone come to stderr, and nothing that the libraries
// print there: libpng's warnings, say.
void SilenceLibraries();

// A path in quotes, for messages.
std::string Named(const std::filesystem::path& path);

// Creates `folder` and those above it, if it can: who writes into it says what is wrong.
void TryToMakeFolders(const std::filesystem::path& folder);

std::string Join(std::span<const std::string> words, const char* separator);

// The type name of an option that takes one of `values`, or several with commas between: "{a,b}".
// Help shows it, and completion offers what it lists.
std::string OneOf(std::span<const std::string> values);
std::string OneOf(std::initializer_list<std::string> values);
std::string ListOf(std::initializer_list<std::string> values);

// Shows `examples`, whole lines, in the help of `command` in front of its options.
void ShowExamples(CLI::App& command, const std::string& examples);

// Puts the options that are added to `command` from now on under a heading of its help.
void BeginGroup(CLI::App& command, const std::string& heading);

// Parses; `app` and its subcommands must allow extras, and one subcommand must be given where there
// are any. True when the program is to go on, else `exit_code` says how to end: help was printed,
// or what is wrong with the command line - for an unknown word with the nearest known one.
bool Parse(CLI::App& app, int argc, char** argv, int& exit_code);

// Runs `action`, turning exceptions into a message on stderr and an exit code; also a lack of
// memory where no exception may be thrown.
int RunGuarded(const std::function<int()>& action);

// Whether `path` is where stdout goes, under whatever name (/dev/stdout, a terminal, /dev/null):
// then nothing else may be printed.
bool IsStdout(const std::filesystem::path& path);
bool IsStderr(const std::filesystem::path& path);

// Whether stdout is a pipe or socket whose other end is closed.
bool IsUnread();

// Writes to stdout. False when nobody reads it any more; throws FileError for any other failure.
bool Print(std::string_view text);

}  // namespace yoloport::tool
