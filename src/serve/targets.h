// What each server's package holds; docs/serving.md has the rules that the files keep, templates/
// the files themselves, which the functions here fill in (serve/template.h). Every function adds
// its files to `folder` and says in `notes` what is left to do. They throw UsageError where the
// server cannot take the model, and FileError.
#pragma once

#include <string>
#include <vector>

#include "serve/package_folder.h"
#include "serve/served_model.h"
#include "serve/template.h"

namespace yoloport::serve {

struct PackagePlan {
  std::string name;         // of the model, fit for the target
  int max_batch = 8;        // images that the server may join
  std::string storage_uri;  // of kserve
};

using Notes = std::vector<std::string>;

void AddTriton(const ServedModel& model, const PackagePlan& plan, PackageFolder& folder,
               Notes& notes);
void AddOvms(const ServedModel& model, const PackagePlan& plan, PackageFolder& folder,
             Notes& notes);
void AddKserve(const ServedModel& model, const PackagePlan& plan, PackageFolder& folder,
               Notes& notes);
void AddDeepstream(const ServedModel& model, const PackagePlan& plan, PackageFolder& folder,
                   Notes& notes);

// --- what several of them write ---

// The model as `folder`/model.onnx in the package, and the files with its weights as it names them.
void AddModel(const ServedModel& model, const std::filesystem::path& folder,
              PackageFolder& package);

// models/NAME of Triton's model repository: config.pbtxt, labels.txt, 1/model.onnx; for TensorRT
// the program build_engine.sh and engine/model.onnx, from which it makes 1/model.plan.
void AddTritonRepository(const ServedModel& model, const PackagePlan& plan, PackageFolder& folder,
                         Notes& notes);

// client.py: sends a photo by the protocol KServe v2 and draws the answer. `gives_min_box`: the
// server takes the model's input of that name.
void AddClient(const ServedModel& model, const PackagePlan& plan, bool gives_min_box,
               PackageFolder& folder);

// Where boxes have a least size and the server is not given it: says what it then counts.
void NoteMinBox(const ServedModel& model, Notes& notes);

// What the templates of all servers say of a model, escaped: its name, where it comes from, the
// size of its input, what NoteMinBox() says.
TemplateValues ModelValues(const ServedModel& model, const PackagePlan& plan);

// Whether Triton takes the model's input min_box_size: as an optional one, by ONNX Runtime alone.
bool TritonTakesMinBox(const ServedModel& model);

}  // namespace yoloport::serve
