// What `yoloport export` and `yoloport finish` have in common: options of the file that is written,
// and what is told of it.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "yoloport/export.h"

namespace yoloport::tool {

// For options whose range the library checks: says the range also where the text is no number that
// it could be asked about, and `more` where it does not even begin with one.
CLI::Validator WholeNumber(std::int64_t low, std::int64_t high, const std::string& more = "");

// Who runs the file, and what he gives and takes.
void AddRunnerOptions(CLI::App& command, ExportOptions& options);

void AddThresholdOptions(CLI::App& command, ExportOptions& options);

// How the config is read; ParsePackages() reads `packages`.
void AddConfigOptions(CLI::App& command, ExportOptions& options,
                      std::vector<std::string>& packages);

void PrintSummary(const ExportReport& report, const std::string& backend, double seconds);

}  // namespace yoloport::tool
