#include "command.h"

#include <algorithm>
#include <iostream>
#include <new>
#include <vector>

#include "yoloport/error.h"

namespace yoloport::tool {
namespace {

// The subcommand that the arguments were for.
const CLI::App& Chosen(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : *chosen.front();
}

std::size_t EditDistance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
    }
  }
  return row[b.size()];
}

// The option or subcommand that looks most like `word`; "" when none does.
std::string Nearest(const CLI::App& app, const std::string& word) {
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  }
  for (const CLI::App* command : app.get_subcommands({})) known.push_back(command->get_name());
  std::string best;
  std::size_t best_distance = word.size() / 3 + 1;
  for (const std::string& name : known) {
    const std::size_t distance = EditDistance(word, name);
    if (distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  }
  return best;
}

int ReportUsage(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = Chosen(app);
  std::cerr << "yoloport: " << error.what() << "\n";
  for (const std::string& word : command.remaining(true)) {
    const std::string near = Nearest(command, word.substr(0, word.find('=')));
    if (!near.empty()) std::cerr << "hint: did you mean " << near << "?\n";
  }
  const std::string name =
      &command == &app ? app.get_name() : app.get_name() + " " + command.get_name();
  std::cerr << "see " << name << " --help\n";
  return kWrongUsage;
}

int Fail(std::string_view what, int code) {
  std::cerr << "yoloport: error: " << what << "\n";
  return code;
}

}  // namespace

std::map<std::string, std::filesystem::path> ParsePackages(
    const std::vector<std::string>& entries) {
  std::map<std::string, std::filesystem::path> packages;
  for (const std::string& entry : entries) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw UsageError("--package-path " + entry + ": expected PACKAGE=FOLDER");
    }
    packages[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  return packages;
}

int RunApp(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    std::cout.flush();
    return std::cout ? kDone : Fail("cannot write to standard output", kFailed);
  } catch (const CLI::Success& success) {  // --help, --version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return ReportUsage(app, error);
  } catch (const UsageError& error) {
    return Fail(error.what(), kWrongUsage);
  } catch (const std::bad_alloc&) {
    return Fail("out of memory", kFailed);
  } catch (const std::exception& error) {
    return Fail(error.what(), kFailed);
  }
}

}  // namespace yoloport::tool
