#include "checkpoint/checkpoint.h"

#include "base/mapped_file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "checkpoint/checkpoint_contents.h"
#include "checkpoint/safetensors.h"
#include "checkpoint/sniff.h"
#include "checkpoint/state_dict.h"
#include "checkpoint/torch_file.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

std::vector<std::string> UnknownClasses(const PickleDocument& document) {
  std::vector<std::string> names;
  for (const auto& [name, global] : document.globals()) {
    if (global->known == nullptr) names.push_back(name);
  }
  return names;
}

}  // namespace

Checkpoint Checkpoint::Open(const std::filesystem::path& path) {
  const auto file = MappedFile::Open(path);
  auto contents = std::make_shared<Contents>();
  contents->path = path;
  contents->file = file;
  contents->file_size = file->bytes().size();
  try {
    const FileFormat format = SniffFormat(file->bytes());
    if (format == FileFormat::kSafetensors) {
      SafetensorsFile safetensors = ReadSafetensors(file);
      contents->format = "safetensors";
      contents->tensors = std::move(safetensors.tensors);
      contents->meta.config_text = std::move(safetensors.config_text);
      if (contents->tensors.empty()) throw CheckpointError("no weights in it: it has no tensors");
    } else {
      PickleDocument document;
      const bool zip = format == FileFormat::kTorchZip;
      contents->format = zip ? "torch zip" : "torch legacy";
      const TorchFile torch =
          zip ? ReadTorchZip(file, document, contents->notes) : ReadTorchLegacy(file, document);
      contents->tensors = ReadStateDict(*torch.root, torch.loader, contents->notes);
      contents->meta = ReadMeta(*torch.root);
      contents->unknown_classes = UnknownClasses(document);
    }
  } catch (const CheckpointError& error) {
    file->CheckUnchanged();  // a better reason for what looks damaged
    throw CheckpointError(Quote(path.native()) + ": " + error.message(), error.hint());
  }
  return Checkpoint(std::move(contents));
}

const std::vector<NamedTensor>& Checkpoint::tensors() const { return contents_->tensors; }
const CheckpointMeta& Checkpoint::meta() const { return contents_->meta; }
const std::vector<std::string>& Checkpoint::unknown_classes() const {
  return contents_->unknown_classes;
}
const std::vector<std::string>& Checkpoint::notes() const { return contents_->notes; }
const std::filesystem::path& Checkpoint::path() const { return contents_->path; }
std::uint64_t Checkpoint::file_size() const { return contents_->file_size; }
const std::string& Checkpoint::format() const { return contents_->format; }
std::string Checkpoint::Digest() const { return Sha256Hex(contents_->file->bytes()); }
void Checkpoint::CheckUnchanged() const { contents_->file->CheckUnchanged(); }

}  // namespace yoloport
