// A checkpoint: the named tensors of a trained network, and what the file says about itself.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tensor/tensor.h"
#include "yoloport/types.h"

namespace yoloport::checkpoint {

class Storage;
struct ModuleTree;

// One entry of the state_dict.
struct NamedTensor {
  std::string key;
  tensor::Tensor tensor;             // as stored: any element type and strides, maybe unaligned
  std::string problem;               // why there is no tensor: completes "'key' is ..."; or empty
  std::shared_ptr<Storage> storage;  // the bytes that `tensor` views, for Verify()

  bool usable() const { return problem.empty(); }
};

// MMEngine's `meta`. Texts are untrusted: quote them before printing.
struct CheckpointMeta {
  std::optional<std::int64_t> epoch;
  std::optional<std::int64_t> iter;
  std::string config_text;  // the whole training config, Python; "" when the file has none
  std::vector<std::string> classes;
  std::vector<Rgb> palette;
  // The file may have several lists under old and new names, one of them of a dataset that the
  // network was not trained on. These are the others, as MMEngine would look for them.
  std::vector<std::vector<std::string>> other_classes;
  std::vector<std::vector<Rgb>> other_palettes;
  std::string mmyolo_version;
  std::string mmengine_version;
  std::string experiment_name;
  std::string time;
};

// Cheap to copy: copies share the opened file, which stays mapped as long as one of them, or a
// tensor from it, lives. Tensors are views into the mapped file; what nobody looks at is not read.
class Checkpoint {
 public:
  // Reads the structure of a torch file (zip or legacy) or of a safetensors file; never executes
  // anything in it. Throws FileError when the file cannot be read, and CheckpointError, beginning
  // with the file's name, when it is not a whole and well-formed checkpoint with weights.
  static Checkpoint Open(const std::filesystem::path& path);

  // The state_dict in its order. Keys are unique.
  const std::vector<NamedTensor>& tensors() const;

  // The whole network that was pickled, of which `tensors()` is the state_dict (module_tree.h);
  // null for a file that holds weights only.
  const ModuleTree* modules() const;

  const CheckpointMeta& meta() const;

  // Names of classes and functions in the file that yoloport knows nothing about, sorted. They were
  // not looked up.
  const std::vector<std::string>& unknown_classes() const;

  // What a user should be told: "keys had the prefix 'module.'".
  const std::vector<std::string>& notes() const;

  const std::filesystem::path& path() const;
  std::uint64_t file_size() const;    // bytes
  const std::string& format() const;  // "torch zip", "torch legacy" or "safetensors"

  // SHA-256 of the whole file, in hexadecimal digits. Reads all of it.
  std::string Digest() const;

  // Throws FileError when the file shrank or was written to since it was opened: what was read of
  // it, tensors too, cannot be trusted. To be asked last, before anything comes of it.
  void CheckUnchanged() const;

 private:
  friend class Weights;
  struct Contents;
  explicit Checkpoint(std::shared_ptr<const Contents> contents) : contents_(std::move(contents)) {}

  std::shared_ptr<const Contents> contents_;
};

}  // namespace yoloport::checkpoint
