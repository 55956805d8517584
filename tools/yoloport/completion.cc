#include "completion.h"

#include <sstream>
#include <string_view>
#include <vector>

#include "cli.h"

namespace yoloport::tool {
namespace {

enum class Takes { kNothing, kOneOf, kListOf, kFolder, kFile };

// What is to be known of an option.
struct Described {
  std::vector<std::string> names;  // with their dashes
  std::string help;
  Takes takes = Takes::kNothing;
  std::vector<std::string> values;  // of kOneOf and kListOf
};

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream{std::string(text)};
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

Described Describe(const CLI::Option& option) {
  Described described;
  for (const std::string& name : option.get_snames()) described.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) described.names.push_back("--" + name);
  described.help = option.get_description();
  if (option.get_items_expected_max() == 0) return described;
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}');
  if (open != std::string::npos && close != std::string::npos) {
    described.takes = close + 1 < type.size() ? Takes::kListOf : Takes::kOneOf;
    described.values = Split(type.substr(open + 1, close - open - 1), ',');
  } else {
    described.takes = type == "FOLDER" || type == "DIR" ? Takes::kFolder : Takes::kFile;
  }
  return described;
}

// The options of `app`, without its positional arguments.
std::vector<Described> Options(const CLI::App& app) {
  std::vector<Described> options;
  for (const CLI::Option* option : app.get_options()) {
    if (option->nonpositional()) options.push_back(Describe(*option));
  }
  return options;
}

// The words to offer as positional arguments, joined by blanks; none where those are files.
std::string PositionalValues(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    if (!option->nonpositional()) return Join(Describe(*option).values, " ");
  }
  return {};
}

std::vector<const CLI::App*> Commands(const CLI::App& program) {
  return program.get_subcommands([](const CLI::App*) { return true; });
}

// `text` in single quotes, with a backslash before each of `special`. Within single quotes, bash
// and zsh take a quote only in this roundabout way.
std::string Quoted(std::string_view text, std::string_view special = "") {
  std::string out = "'";
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return out + "'";
}

std::string FishQuoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

// The shell function that completes a command.
std::string FunctionName(const std::string& command) {
  std::string name = "_yoloport_" + command;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
}

// ---- bash

// Sets, for the function _yoloport, what may stand after the word $1 and which options there are.
std::string BashOptions(const CLI::App& app) {
  std::string names;
  std::vector<std::string> files;
  std::string cases;
  for (const Described& option : Options(app)) {
    names += " " + Join(option.names, " ");
    if (option.takes == Takes::kFile) files.push_back(Join(option.names, " | "));
    if (option.takes == Takes::kNothing || option.takes == Takes::kFile) continue;
    cases += "    " + Join(option.names, " | ") + ") ";
    if (option.takes == Takes::kFolder) {
      cases += "takes=folder ;;\n";
    } else {
      cases += option.takes == Takes::kListOf ? "takes=list" : "takes=word";
      cases += " values=" + Quoted(Join(option.values, " ")) + " ;;\n";
    }
  }
  if (!files.empty()) cases += "    " + Join(files, " | ") + ") takes=file ;;\n";
  std::string text = "  options=" + Quoted(names.substr(1)) + "\n";
  const std::string positional = PositionalValues(app);
  if (!positional.empty()) text += "  values=" + Quoted(positional) + "\n";
  if (!cases.empty()) text += "  case $1 in\n" + cases + "  esac\n";
  return text;
}

// Where COMPREPLY stays empty, bash offers files.
constexpr const char* kBashMain = R"(_yoloport() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local options= values= takes= begin=
  # Bash makes three words of --option=value.
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    _yoloport__program
  elif declare -F "_yoloport_${COMP_WORDS[1]//-/_}" >/dev/null; then
    "_yoloport_${COMP_WORDS[1]//-/_}" "$before"
  fi
  if [[ $takes == folder ]]; then
    compopt +o default -o dirnames 2>/dev/null
  elif [[ $takes == list ]]; then
    [[ $word == *,* ]] && begin=${word%,*},
    mapfile -t COMPREPLY < <(compgen -P "$begin" -W "$values" -- "${word##*,}")
  elif [[ $word == -* && ! $takes ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  elif [[ $values && $takes != file ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$values" -- "$word")
  fi
}
)";

std::string BashBegin(const CLI::App& program) {
  std::string names;
  for (const CLI::App* command : Commands(program)) names += " " + command->get_name();
  return "# Completes the command line of yoloport in bash.\n" + std::string(kBashMain) +
         "_yoloport__program() {\n" + BashOptions(program) + "  values=" + Quoted(names.substr(1)) +
         "\n}\n";
}

// ---- zsh

std::string ZshOptions(const CLI::App& app) {
  std::string text;
  for (const Described& option : Options(app)) {
    for (const std::string& name : option.names) {
      std::string takes;
      switch (option.takes) {
        case Takes::kNothing:
          break;
        case Takes::kOneOf:
          takes = ":value:(" + Join(option.values, " ") + ")";
          break;
        case Takes::kListOf:
          takes = ":values:_sequence compadd - " + Join(option.values, " ");
          break;
        case Takes::kFolder:
          takes = ":folder:_files -/";
          break;
        case Takes::kFile:
          takes = ":value:_files";
          break;
      }
      // "--name=" takes its value also as the next word.
      const char* const equals = takes.empty() || name[1] != '-' ? "" : "=";
      std::string help = Quoted(option.help, "[]:\\");
      help = help.substr(1, help.size() - 2);
      text.append("    '").append(name).append(equals).append("[").append(help).append("]");
      text.append(takes).append("' \\\n");
    }
  }
  return text;
}

std::string ZshPositional(const CLI::App& app) {
  const std::string values = PositionalValues(app);
  return values.empty() ? "'*:file:_files'" : "':value:(" + values + ")'";
}

std::string ZshBegin(const CLI::App& program) {
  std::string commands;
  for (const CLI::App* command : Commands(program)) {
    commands += "    " + Quoted(command->get_name() + ":" + command->get_description()) + "\n";
  }
  return "#compdef yoloport\n# Completes the command line of yoloport in zsh.\n"
         "_yoloport() {\n"
         "  if ((CURRENT > 2)); then\n"
         "    local command=_yoloport_${words[2]//-/_}\n"
         "    (($+functions[$command])) || { _files; return }\n"
         "    shift words\n"
         "    ((CURRENT--))\n"
         "    $command\n"
         "    return\n"
         "  fi\n"
         "  local -a commands=(\n" +
         commands + "  )\n  _arguments \\\n" + ZshOptions(program) +
         "    ':command:{_describe command commands}'\n}\n";
}

// The function's first call loads the file and runs it as the function; it may also be sourced.
constexpr const char* kZshEnd = R"(if [[ $funcstack[1] == _yoloport ]]; then
  _yoloport "$@"
else
  compdef _yoloport yoloport
fi
)";

// ---- fish

std::string FishOptions(const CLI::App& app, const std::string& condition) {
  std::string text;
  for (const Described& option : Options(app)) {
    text += "complete -c yoloport -n " + condition;
    for (const std::string& name : option.names) {
      text += name[1] == '-' ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    switch (option.takes) {
      case Takes::kNothing:
        break;
      case Takes::kOneOf:
        text += " -x -a " + FishQuoted(Join(option.values, " "));
        break;
      case Takes::kListOf:
        text += " -x -a " + FishQuoted("(__fish_complete_list , 'printf %s\\\\n " +
                                       Join(option.values, " ") + "')");
        break;
      case Takes::kFolder:
        text += " -x -a '(__fish_complete_directories)'";
        break;
      case Takes::kFile:
        text += " -r -F";
        break;
    }
    text += " -d " + FishQuoted(option.help) + "\n";
  }
  return text;
}

std::string FishCommand(const CLI::App& command, const std::string& name) {
  const std::string condition = "'__fish_seen_subcommand_from " + name + "'";
  const std::string values = PositionalValues(command);
  return FishOptions(command, condition) +
         (values.empty()
              ? ""
              : "complete -c yoloport -n " + condition + " -f -a " + FishQuoted(values) + "\n");
}

std::string FishBegin(const CLI::App& program) {
  std::string text = "# Completes the command line of yoloport in fish.\n";
  for (const CLI::App* command : Commands(program)) {
    text += "complete -c yoloport -n __fish_use_subcommand -f -a " + command->get_name() + " -d " +
            FishQuoted(command->get_description()) + "\n";
  }
  return text + FishOptions(program, "__fish_use_subcommand");
}

}  // namespace

void AddCompletion(CLI::App& app, Shell& shell) {
  CLI::App& command = *app.add_subcommand(
      "completion", "Print what completes command lines of yoloport in bash, fish or zsh");
  command.allow_extras();
  const auto set = [&shell](const std::string& name) {
    shell = name == "bash" ? Shell::kBash : name == "fish" ? Shell::kFish : Shell::kZsh;
  };
  command.add_option_function<std::string>("shell", set, "The shell that is to read it")
      ->check(CLI::IsMember({"bash", "fish", "zsh"}))
      ->required();
}

std::string CompletionBegin(Shell shell, const CLI::App& program) {
  switch (shell) {
    case Shell::kBash:
      return BashBegin(program);
    case Shell::kZsh:
      return ZshBegin(program);
    case Shell::kFish:
      return FishBegin(program);
  }
  return {};
}

std::string CompletionOf(Shell shell, const CLI::App& command, const std::string& name) {
  const std::string begin = FunctionName(name) + "() {\n";
  switch (shell) {
    case Shell::kBash:
      return begin + BashOptions(command) + "}\n";
    case Shell::kZsh:
      return begin + "  _arguments \\\n" + ZshOptions(command) + "    " + ZshPositional(command) +
             "\n}\n";
    case Shell::kFish:
      return FishCommand(command, name);
  }
  return {};
}

std::string CompletionEnd(Shell shell) {
  switch (shell) {
    case Shell::kBash:
      return "complete -o default -F _yoloport yoloport\n";
    case Shell::kZsh:
      return kZshEnd;
    case Shell::kFish:
      return {};
  }
  return {};
}

}  // namespace yoloport::tool
