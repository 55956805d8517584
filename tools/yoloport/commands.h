// The subcommands of the program yoloport.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace yoloport::tool {

// What a chosen subcommand does. Throws yoloport::Error where that fails.
using Action = std::function<void()>;

// Each adds its subcommand to `app`. The action holds what the command line is parsed into.
Action AddExport(CLI::App& app);
Action AddFinish(CLI::App& app);
Action AddInspect(CLI::App& app);
Action AddPackage(CLI::App& app);
Action AddSet(CLI::App& app);

// "PACKAGE=FOLDER" entries. Throws UsageError at another form.
std::map<std::string, std::filesystem::path> ParsePackages(const std::vector<std::string>& entries);

}  // namespace yoloport::tool
