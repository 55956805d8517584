// Completion of the command line in bash, zsh and fish: a script made of the options that CLI11
// knows.
//
// The script of a shell is CompletionBegin(), then CompletionOf() each command, then
// CompletionEnd(). What a command's option takes, its type name says: OneOf() and ListOf() the
// words to offer, FOLDER or DIR that it is a folder; for all others the shell offers files.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace yoloport::tool {

enum class Shell { kBash, kZsh, kFish };

// Adds the subcommand `completion` to `app`; the shell asked for is in `shell` when it has parsed.
void AddCompletion(CLI::App& app, Shell& shell);

// What knows the commands of `program`, which are its subcommands, and the program's own options.
std::string CompletionBegin(Shell shell, const CLI::App& program);

// What knows the options of the command `name`, as `command` has them.
std::string CompletionOf(Shell shell, const CLI::App& command, const std::string& name);

// What tells the shell to use the above.
std::string CompletionEnd(Shell shell);

}  // namespace yoloport::tool
