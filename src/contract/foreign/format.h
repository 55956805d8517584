// Files that other programs made for runtimes: what each is recognized by, and what follows from
// that. A format is one file of this folder, and a row in the table of recognize.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "contract/foreign/literal.h"
#include "contract/model_card.h"
#include "contract/row_format.h"
#include "yoloport/model_description.h"

namespace yoloport::contract::foreign {

struct Output {
  std::string name;                 // may be empty
  std::vector<std::int64_t> shape;  // -1: dynamic
};

// What can be known of a file without running it.
struct Outline {
  std::string file;          // its quoted name, for messages
  std::int64_t height = -1;  // of the input, in pixels; -1: any
  std::int64_t width = -1;
  std::vector<Output> outputs;
  std::map<std::string, Literal> metadata;  // of ONNX files, texts as they stand there
  // The operators between the last convolutions and the outputs; empty where that is not known.
  std::function<std::set<std::string>()> last_operators = [] { return std::set<std::string>(); };
};

// What a recognized file is.
struct Description {
  std::string what;  // for a note: "Ultralytics' detector with NMS"
  // How images are prepared, the classes and the thresholds. Nothing: the file is end-to-end, in
  // the layout of its outputs' names, and says nothing about that. Its type is a model type's name.
  std::optional<ModelCard> card = {};
  std::optional<RowFormat> rows = {};  // nothing: end-to-end
  bool names_classes = false;          // the file has class names
};

// A format that the outputs allow and that nothing in the file confirms.
struct Candidate {
  std::string what;
  std::string option;  // that says it is this one: "--type yolov5"
};

struct Format {
  // What the file is, where it or the caller says so; nothing where it is of another format. Throws
  // ModelError for a file that is of this format and cannot be run - another task, names that do
  // not fit the outputs - and UsageError where an option is needed.
  std::optional<Description> (*recognize)(const Outline& outline, const ModelDescription& said);
  // Asked where no format recognizes the file; null where nothing is left to ask.
  std::optional<Candidate> (*consider)(const Outline& outline) = nullptr;
};

extern const Format kUltralytics;  // the package ultralytics: YOLOv8 and later, YOLOv5u
extern const Format kYolov5;       // the repositories of YOLOv5 and YOLOv7
extern const Format kYolox;        // the repository of YOLOX
extern const Format kEasydeploy;   // MMYOLO's exporter, end-to-end
extern const Format kMmdeploy;

}  // namespace yoloport::contract::foreign
