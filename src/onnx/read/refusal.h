// What is said of a file that is not read.
#pragma once

#include <string>

#include "base/mapped_file.h"
#include "onnx/read/kept_bytes.h"

namespace yoloport::onnx::read {

// Throws ModelError: the file's name, and `what` is wrong with it.
[[noreturn]] void RefuseFile(const base::MappedFile& file, const std::string& what);

// Refuses a file in which a message of this kind is broken.
void RequireWhole(const base::MappedFile& file, bool whole, const char* what);

// Refuses tensors within `place` whose elements lie in another file: bytes that are kept as they
// are cannot take those along into another folder.
void RefuseExternal(const base::MappedFile& file, const References& references,
                    const std::string& place);

}  // namespace yoloport::onnx::read
