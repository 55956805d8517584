#include "checkpoint/checkpoint.h"

#include <memory>
#include <set>

#include "base/mapped_file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "checkpoint/checkpoint_contents.h"
#include "checkpoint/module_reader.h"
#include "checkpoint/sniff.h"
#include "checkpoint/state_dict.h"
#include "checkpoint/torch_file.h"
#include "checkpoint/wrappers.h"
#include "formats/safetensors/safetensors.h"
#include "yoloport/error.h"

namespace yoloport::checkpoint {
namespace {

using base::Quote;

// But for `known`.
std::vector<std::string> UnknownClasses(const formats::pickle::PickleDocument& document,
                                        const std::set<std::string_view>& known) {
  std::vector<std::string> names;
  for (const auto& [name, global] : document.globals()) {
    if (global->known == nullptr && !known.contains(name)) names.push_back(name);
  }
  return names;
}

std::vector<NamedTensor> TensorsOf(std::vector<formats::safetensors::SafetensorsEntry> entries,
                                   const std::shared_ptr<const base::MappedFile>& file,
                                   std::vector<std::string>& notes) {
  std::vector<std::string> keys;
  keys.reserve(entries.size());
  for (auto& entry : entries) keys.push_back(std::move(entry.key));
  const std::vector<bool> counts = UnwrapKeys(keys, notes);
  std::vector<NamedTensor> tensors;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!counts[i]) continue;
    formats::safetensors::SafetensorsEntry& entry = entries[i];
    if (!entry.dtype) {
      const std::string problem = "a tensor of element type " + Quote(entry.type, 20);
      tensors.push_back({std::move(keys[i]), tensor::Tensor(), problem, nullptr});
      continue;
    }
    auto storage =
        std::make_shared<Storage>("tensor " + Quote(keys[i]), *entry.dtype, entry.bytes, file);
    tensors.push_back(
        {std::move(keys[i]),
         tensor::Tensor(*entry.dtype, std::move(entry.shape), file, entry.bytes.data()),
         {},
         std::move(storage)});
  }
  return tensors;
}

}  // namespace

Checkpoint Checkpoint::Open(const std::filesystem::path& path) {
  const auto file = base::MappedFile::Open(path);
  auto contents = std::make_shared<Contents>();
  contents->path = path;
  contents->file = file;
  contents->file_size = file->bytes().size();
  try {
    const FileFormat format = SniffFormat(file->bytes());
    if (format == FileFormat::kSafetensors) {
      formats::safetensors::SafetensorsFile safetensors =
          formats::safetensors::ReadSafetensors(file->bytes());
      contents->format = "safetensors";
      contents->tensors = TensorsOf(std::move(safetensors.tensors), file, contents->notes);
      contents->meta.config_text = std::move(safetensors.config_text);
      if (contents->tensors.empty()) throw CheckpointError("no weights in it: it has no tensors");
    } else {
      const auto document = std::make_shared<formats::pickle::PickleDocument>();
      const bool zip = format == FileFormat::kTorchZip;
      contents->format = zip ? "torch zip" : "torch legacy";
      const TorchFile torch =
          zip ? ReadTorchZip(file, *document, contents->notes) : ReadTorchLegacy(file, *document);
      std::set<std::string_view> module_classes;
      if (const auto* module = FindModule(*torch.root, contents->notes)) {
        ReadModules read = ReadModuleTree({path, file, document, torch.pickle_owner, torch.loader},
                                          *torch.root, *module);
        contents->modules = std::move(read.tree);
        contents->tensors = std::move(read.tensors);
        module_classes = std::move(read.class_names);
      } else {
        contents->tensors = ReadStateDict(*torch.root, torch.loader, contents->notes);
      }
      contents->meta = ReadMeta(*torch.root);
      contents->unknown_classes = UnknownClasses(*document, module_classes);
    }
  } catch (const CheckpointError& error) {
    file->CheckUnchanged();  // a better reason for what looks damaged
    throw CheckpointError(Quote(path.native()) + ": " + error.message(), error.hint());
  }
  return Checkpoint(std::move(contents));
}

const std::vector<NamedTensor>& Checkpoint::tensors() const { return contents_->tensors; }
const ModuleTree* Checkpoint::modules() const {
  return contents_->modules ? &*contents_->modules : nullptr;
}
const CheckpointMeta& Checkpoint::meta() const { return contents_->meta; }
const std::vector<std::string>& Checkpoint::unknown_classes() const {
  return contents_->unknown_classes;
}
const std::vector<std::string>& Checkpoint::notes() const { return contents_->notes; }
const std::filesystem::path& Checkpoint::path() const { return contents_->path; }
std::uint64_t Checkpoint::file_size() const { return contents_->file_size; }
const std::string& Checkpoint::format() const { return contents_->format; }
std::string Checkpoint::Digest() const { return base::Sha256Hex(contents_->file->bytes()); }
void Checkpoint::CheckUnchanged() const { contents_->file->CheckUnchanged(); }

}  // namespace yoloport::checkpoint
