#include "onnx/read/refusal.h"

#include "base/text.h"
#include "yoloport/error.h"

namespace yoloport::onnx::read {

using base::MappedFile;

void RefuseFile(const MappedFile& file, const std::string& what) {
  throw ModelError(base::Quote(file.path().native()) + ": " + what,
                   "the file is damaged: export or download it again");
}

void RequireWhole(const MappedFile& file, bool whole, const char* what) {
  if (!whole) RefuseFile(file, std::string("has a broken ") + what);
}

void RefuseExternal(const MappedFile& file, const References& references,
                    const std::string& place) {
  if (!references.has_external_data) return;
  throw ModelError(base::Quote(file.path().native()) + ": a tensor within " + place +
                       " has its elements in another file, which is not supported",
                   "save the model as one file, as onnx.save() does");
}

}  // namespace yoloport::onnx::read
