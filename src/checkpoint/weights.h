// The weights of a checkpoint as a network's builder sees them: by attribute path, with shapes
// checked and use recorded.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "tensor/tensor.h"

namespace yoloport::checkpoint {

// A view of the keys below a prefix: `w["backbone"]["blocks"][2].Take("conv.weight", {64, 32, 3,
// 3})` takes "backbone.blocks.2.conv.weight". Copies are cheap. All views that come from one
// Weights share their bookkeeping, which is for one thread; views keep the checkpoint alive.
class Weights {
 public:
  explicit Weights(const Checkpoint& checkpoint);

  // The same view, whose paths are translated: below it `[from]` leads to the prefix `to`, both as
  // full paths of the checkpoint. For a network whose layers the checkpoint calls otherwise; what
  // is said of keys - shapes, errors, names of nodes - keeps the checkpoint's names.
  Weights Renamed(std::map<std::string, std::string> paths) const;

  Weights operator[](std::string_view name) const;
  Weights operator[](std::size_t index) const;
  const std::string& prefix() const { return prefix_; }  // "" at the top

  // Whether the checkpoint has this key below the prefix.
  bool Has(std::string_view key) const;
  // Whether it has any key below prefix.name: "conv" is there when "conv.weight" is.
  bool HasBelow(std::string_view name) const;

  // The tensor prefix.key, dense and aligned, marked used. Floating point comes as float32, other
  // types as they are. float32 that is stored dense and aligned is a view into the file.
  //
  // When the key is missing, has another shape or is no usable tensor, that is recorded for
  // Finish(), and zeros of the expected shape are returned: the network can be built to its end,
  // and all mistakes are told at once. Throws CheckpointError only when the bytes fail their
  // checksum, and for a network that comes from the checkpoint itself, at the first mistake.
  tensor::Tensor Take(std::string_view key, const tensor::Shape& expected) const;

  // The same with whatever shape it has (to learn a width, say). With no shape to go by, a missing
  // or unusable key is a CheckpointError at once; ask Has() first where it may be missing.
  tensor::Tensor Take(std::string_view key) const;

  // Says that the key, or every key below it, is known and not needed for inference.
  void Ignore(std::string_view key_or_prefix) const;

  // Says that the network was told from the file itself, not by a config: it has to use all of it.
  // A network that was pickled whole always is.
  void ExpectAll() const;

  // Call when the network is built. Throws CheckpointError where a mistake was recorded, and where
  // the checkpoint has further blocks of a list that was taken, as one of another size does; lists
  // the first ten of each kind. Other keys that were neither taken nor ignored are a warning.
  // `ignored_suffixes` are the last parts of keys that no network needs; "num_batches_tracked"
  // always is one.
  void Finish(std::span<const std::string_view> ignored_suffixes = {}) const;

  // Adds a warning "'prefix.key' WHAT" on the values of a key.
  void Warn(std::string_view key, const std::string& what) const;

  // What is odd about the weights so far: "'a.weight' holds 3 values that are NaN or infinite", and
  // after Finish() the keys that the network does not have.
  const std::vector<std::string>& warnings() const;

 private:
  struct Ledger;
  using Paths = std::map<std::string, std::string>;
  Weights(std::shared_ptr<Ledger> ledger, std::shared_ptr<const Paths> paths, std::string prefix)
      : ledger_(std::move(ledger)), paths_(std::move(paths)), prefix_(std::move(prefix)) {}
  std::string Join(std::string_view key) const;
  tensor::Tensor PlaceholderOrFinish(const tensor::Shape& shape) const;

  std::shared_ptr<Ledger> ledger_;
  std::shared_ptr<const Paths> paths_;  // where they are renamed
  std::string prefix_;
};

}  // namespace yoloport::checkpoint
