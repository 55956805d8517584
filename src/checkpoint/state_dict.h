// Finding the weights in what a checkpoint holds.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "checkpoint/storage.h"
#include "checkpoint/tensor_reader.h"
#include "formats/pickle/pickle_value.h"

namespace yoloport::checkpoint {

// The entries of the state_dict in `root`, in its order, keys without what training wraps around a
// network (wrappers.h). Of weights that are there as trained and averaged, the averaged ones.
//
// As MMYOLO, it takes `state_dict`, or else `root` itself; beyond that, `model`, `model_state_dict`
// and, last, `ema_state_dict`. MMEngine's EMAHook swaps weights before saving, so that `state_dict`
// already holds the averaged ones. `notes` gets a line for whatever a user may not expect. Throws
// CheckpointError when there are no weights, or a malformed tensor among them.
std::vector<NamedTensor> ReadStateDict(const formats::pickle::Value& root, StorageLoader loader,
                                       std::vector<std::string>& notes);

// The entry `key` of a state_dict. Throws CheckpointError, which names the key, where it is a
// malformed tensor.
NamedTensor ReadEntry(std::string key, const formats::pickle::Value& value, TensorReader& reader);

// What the checkpoint says about itself in `meta`; what is missing or of another type is left out.
CheckpointMeta ReadMeta(const formats::pickle::Value& root);

}  // namespace yoloport::checkpoint
