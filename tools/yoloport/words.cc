#include "words.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "cli.h"
#include "yoloport/text.h"

namespace yoloport::tool {
namespace {

constexpr std::size_t kMostNames = 5;
using Names = std::array<std::string_view, kMostNames>;

// Names of one thing: of MMYOLO's scripts, of yoloport's commands, and those that people know from
// other programs. Each command declares one of them.
constexpr std::array<Names, 10> kSame = {{
    {"--score-threshold", "--score-thr", "--conf", "--conf-thres", "--confidence"},
    {"--iou-threshold", "--iou-thr", "--iou", "--iou-thres", "--nms-thr"},
    {"--img-size", "--imgsz", "--image-size", "--input-size"},
    {"--half", "--fp16"},
    {"--batch", "--batch-size"},
    {"--keep-topk", "--max-per-img"},
    {"--class-agnostic", "--agnostic-nms", "--agnostic"},
    {"--no-save", "--nosave", "--not-save"},
    {"--show", "--view-img"},
    {"--output", "--out"},
}};

// What stands for a word whose meaning no option has by itself.
struct Advice {
  std::string_view word, hint;
};
constexpr std::array<Advice, 7> kAdvice = {{
    {"--weights", "files stand without an option: the checkpoint or model comes last"},
    {"--model", "files stand without an option: the checkpoint or model comes last"},
    {"--source", "files stand without an option: yoloport detect INPUT... MODEL.onnx"},
    {"--save-txt", "yoloport detect --format yolo writes a text file for each image"},
    {"--save-json", "yoloport detect --format coco writes one JSON file for all images"},
    {"--project", "yoloport detect --out-dir FOLDER says where pictures go"},
    {"--nms", "a file has NMS unless --model-only leaves it out"},
}};

bool LooksLikeAnOption(std::string_view word) { return word.size() > 2 && word.starts_with("--"); }

std::string_view NameIn(std::string_view word) { return word.substr(0, word.find('=')); }

const CLI::Option* Find(const CLI::App& command, std::string_view name) {
  for (const CLI::Option* option : command.get_options()) {
    if (option->check_lname(std::string(name.substr(2)))) return option;
  }
  return nullptr;
}

// The name that `command` has for `name`, or `name` itself.
std::string_view OwnName(const CLI::App& command, std::string_view name) {
  if (Find(command, name) != nullptr) return name;
  for (const Names& names : kSame) {
    if (std::find(names.begin(), names.end(), name) == names.end()) continue;
    for (const std::string_view other : names) {
      if (!other.empty() && Find(command, other) != nullptr) return other;
    }
  }
  return name;
}

// Of an option that takes a list of few values (ListOf()) these, between commas: ",a,b,".
std::string ListedValues(const CLI::Option* option) {
  const std::string type = option == nullptr ? "" : option->get_type_name();
  const std::size_t end = type.find("},...");
  if (!type.starts_with('{') || end == std::string::npos) return "";
  return "," + type.substr(1, end - 1) + ",";
}

bool IsOneOf(const std::string& values, const std::string& word) {
  return !word.empty() && values.find("," + word + ",") != std::string::npos;
}

}  // namespace

std::vector<std::string> DeclaredWords(const CLI::App& command, std::vector<std::string> words) {
  std::vector<std::string> declared;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--") {  // what follows are files
      declared.insert(declared.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
      break;
    }
    if (!LooksLikeAnOption(words[i])) {
      declared.push_back(words[i]);
      continue;
    }
    const std::string_view name = NameIn(words[i]);
    const std::string_view own = OwnName(command, name);
    declared.push_back(std::string(own) + words[i].substr(name.size()));
    const std::string values = ListedValues(Find(command, own));
    if (values.empty() || name.size() != words[i].size()) continue;
    std::string list;
    for (; i + 1 < words.size() && IsOneOf(values, words[i + 1]); ++i) {
      list += (list.empty() ? "" : ",") + words[i + 1];
    }
    if (!list.empty()) declared.push_back(list);
  }
  return declared;
}

std::string UnknownOption(const CLI::App& app, const CLI::App& command,
                          const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") break;
    if (!LooksLikeAnOption(word)) continue;
    const std::string name(NameIn(word));
    if (Find(command, name) != nullptr) continue;
    std::string text = "unknown option " + Printable(name);
    for (const Advice& advice : kAdvice) {
      if (advice.word == name) return text + "\nhint: " + std::string(advice.hint);
    }
    for (const CLI::App* other : app.get_subcommands({})) {
      const std::string_view own = OwnName(*other, name);
      if (other == &command || Find(*other, own) == nullptr) continue;
      return text + "\nhint: it is an option of " + app.get_name() + " " + other->get_name() +
             ", not of " + command.get_name();
    }
    return text + Suggestion(command, name);
  }
  return "";
}

std::string Suggestion(const CLI::App& app, const std::string& word) {
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  }
  for (const CLI::App* command : app.get_subcommands({})) known.push_back(command->get_name());
  const std::string nearest = NearestName(word, known);
  return nearest.empty() ? "" : "; did you mean " + nearest + "?";
}

}  // namespace yoloport::tool
