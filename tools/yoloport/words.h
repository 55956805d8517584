// The words of a command line, before CLI11 reads them: options under their other names, lists
// written with blanks, and options that do not exist.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace yoloport::tool {

// The words as `command` declares them. Options have names that other programs give them
// (--imgsz for --img-size), and a list may be written without commas (--dynamic height width).
std::vector<std::string> DeclaredWords(const CLI::App& command, std::vector<std::string> words);

// What to say of the first word that looks like an option and is none of `command`; or "".
// `app`: the program, whose other commands may have it.
std::string UnknownOption(const CLI::App& app, const CLI::App& command,
                          const std::vector<std::string>& words);

// "; did you mean detect?", or nothing when no option or command of `app` is near `word`.
std::string Suggestion(const CLI::App& app, const std::string& word);

}  // namespace yoloport::tool
