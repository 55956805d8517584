// What the subcommands share.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace yoloport::tool {

// Exit codes.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;

// Each adds its subcommand to `app`. Chosen, its callback does the work while the command line is
// parsed, and throws yoloport::Error where that fails.
void AddExport(CLI::App& app);
void AddInspect(CLI::App& app);

// "PACKAGE=FOLDER" entries. Throws UsageError at another form.
std::map<std::string, std::filesystem::path> ParsePackages(const std::vector<std::string>& entries);

// Parses the command line, which runs the chosen subcommand, and reports whatever goes wrong on
// stderr. Gives the exit code.
int RunApp(CLI::App& app, int argc, char** argv);

}  // namespace yoloport::tool
