#include "checkpoint/weights.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "base/text.h"
#include "checkpoint/checkpoint_contents.h"
#include "checkpoint/float_convert.h"
#include "checkpoint/known_layouts.h"
#include "checkpoint/limits.h"
#include "checkpoint/other_networks.h"
#include "checkpoint/storage.h"
#include "checkpoint/weights_report.h"
#include "checkpoint/wrappers.h"
#include "tensor/arithmetic.h"
#include "yoloport/error.h"

namespace yoloport::checkpoint {
namespace {

using base::Quote;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

// Zeros in place of a tensor that is missing. calloc gives pages that take no memory until written.
Tensor Zeros(const Shape& shape) {
  const Tensor counted(DType::kFloat32, shape, nullptr, nullptr);
  std::shared_ptr<void> owner(std::calloc(counted.byte_size() + 1, 1), std::free);
  if (owner == nullptr) throw std::bad_alloc();
  const auto* data = static_cast<const std::byte*>(owner.get());
  return Tensor(DType::kFloat32, shape, std::move(owner), data);
}

bool HasSuffix(std::string_view key, std::string_view suffix) {
  if (!key.ends_with(suffix)) return false;
  return key.size() == suffix.size() || key[key.size() - suffix.size() - 1] == '.';
}

}  // namespace

struct Weights::Ledger {
  enum class State : std::uint8_t { kUnused, kUsed, kIgnored };

  std::shared_ptr<const Checkpoint::Contents> contents;
  std::map<std::string_view, std::size_t>
      index;  // ordered, so that keys below a prefix are a range
  std::vector<State> states;
  FitReport report;
  bool is_of_file = false;  // ExpectAll()
  std::vector<std::string> warnings;

  const NamedTensor* Find(std::string_view key) const {
    const auto found = index.find(key);
    return found == index.end() ? nullptr : &contents->tensors[found->second];
  }
  void Mark(std::string_view key, State state) {
    auto& current = states[index.find(key)->second];
    if (current != State::kUsed) current = state;
  }
  Tensor Convert(const NamedTensor& named);
  [[noreturn]] void Fail(const std::string& what, const std::string& hint) const {
    contents->file->CheckUnchanged();  // a better reason for what looks damaged
    throw CheckpointError(Quote(contents->path.native()) + ": " + what, hint);
  }
};

Tensor Weights::Ledger::Convert(const NamedTensor& named) {
  try {
    named.storage->Verify();
  } catch (const CheckpointError& error) {
    Fail("tensor " + Quote(named.key) + ": " + error.message(), error.hint());
  }
  const bool first_use = states[index.find(named.key)->second] != State::kUsed;
  Mark(named.key, State::kUsed);
  if (!tensor::IsFloat(named.tensor.dtype())) return named.tensor.Dense();
  Tensor tensor = ToFloat32(named.tensor);
  if (!first_use) return tensor;
  if (const std::size_t count = tensor::CountNonFinite(tensor); count > 0) {
    warnings.push_back(Quote(named.key) + " holds " + std::to_string(count) +
                       (count == 1 ? " value that is" : " values that are") + " NaN or infinite");
  }
  return tensor;
}

Weights::Weights(const Checkpoint& checkpoint) : ledger_(std::make_shared<Ledger>()) {
  ledger_->contents = checkpoint.contents_;
  const auto& tensors = ledger_->contents->tensors;
  for (std::size_t i = 0; i < tensors.size(); ++i) ledger_->index.emplace(tensors[i].key, i);
  ledger_->states.resize(tensors.size(), Ledger::State::kUnused);
}

std::string Weights::Join(std::string_view key) const {
  if (prefix_.empty()) return std::string(key);
  return std::string(prefix_).append(".").append(key);
}

Weights Weights::Renamed(std::map<std::string, std::string> paths) const {
  return {ledger_, std::make_shared<const Paths>(std::move(paths)), prefix_};
}

Weights Weights::operator[](std::string_view name) const {
  std::string path = Join(name);
  if (paths_) {
    const auto renamed = paths_->find(path);
    if (renamed != paths_->end()) path = renamed->second;
  }
  return {ledger_, paths_, std::move(path)};
}

Weights Weights::operator[](std::size_t index) const { return (*this)[std::to_string(index)]; }

bool Weights::Has(std::string_view key) const { return ledger_->Find(Join(key)) != nullptr; }

bool Weights::HasBelow(std::string_view name) const {
  const std::string below = Join(name) + ".";
  const auto next = ledger_->index.lower_bound(below);
  return next != ledger_->index.end() && next->first.starts_with(below);
}

Tensor Weights::Take(std::string_view key, const Shape& expected) const {
  const std::string full = Join(key);
  const NamedTensor* named = ledger_->Find(full);
  if (named == nullptr) {
    ledger_->report.missing.push_back({full, expected});
    if (ledger_->report.missing.size() >= kMaxMissingKeys) Finish();  // throws
    return PlaceholderOrFinish(expected);
  }
  if (named->usable() && named->tensor.shape() == expected) return ledger_->Convert(*named);
  ledger_->Mark(full, Ledger::State::kUsed);
  if (named->usable()) {
    ledger_->report.mismatched.push_back({full, named->tensor.shape(), expected});
  } else {
    ledger_->report.unusable.push_back({full, named->problem});
  }
  return PlaceholderOrFinish(expected);
}

Tensor Weights::PlaceholderOrFinish(const Shape& shape) const {
  if (ledger_->contents->modules) Finish();  // throws: nobody chose another config
  std::int64_t bytes = sizeof(float);
  for (const std::int64_t extent : shape) {
    if (extent < 0 || __builtin_mul_overflow(bytes, extent, &bytes)) Finish();
  }
  if (bytes > kMaxPlaceholderBytes) Finish();  // throws: there is at least one mistake
  return Zeros(shape);
}

Tensor Weights::Take(std::string_view key) const {
  const std::string full = Join(key);
  const NamedTensor* named = ledger_->Find(full);
  if (named == nullptr) {
    ledger_->Fail("the checkpoint has no " + Quote(full),
                  "is the checkpoint of the architecture that the config describes?");
  }
  if (!named->usable()) {
    ledger_->Fail(Quote(full) + " is " + named->problem,
                  "load the checkpoint with torch and save it with ordinary tensors");
  }
  return ledger_->Convert(*named);
}

void Weights::Ignore(std::string_view key_or_prefix) const {
  const std::string full = Join(key_or_prefix);
  if (ledger_->Find(full) != nullptr) ledger_->Mark(full, Ledger::State::kIgnored);
  const std::string below = full + ".";
  auto next = ledger_->index.lower_bound(below);
  for (; next != ledger_->index.end() && next->first.starts_with(below); ++next) {
    ledger_->Mark(next->first, Ledger::State::kIgnored);
  }
}

void Weights::ExpectAll() const { ledger_->is_of_file = true; }

void Weights::Finish(std::span<const std::string_view> ignored_suffixes) const {
  const auto ignored = [&](std::string_view key) {
    return HasSuffix(key, "num_batches_tracked") || CountsAverages(key) ||
           std::any_of(ignored_suffixes.begin(), ignored_suffixes.end(),
                       [&](std::string_view suffix) { return HasSuffix(key, suffix); });
  };
  FitReport report = ledger_->report;
  report.is_of_file = ledger_->is_of_file || ledger_->contents->modules.has_value();
  const auto& tensors = ledger_->contents->tensors;
  BlockLists used;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (ledger_->states[i] == Ledger::State::kUsed) {
      ++report.used;
      used.Add(tensors[i].key);
    }
    if (ledger_->states[i] != Ledger::State::kUnused || ignored(tensors[i].key)) continue;
    report.unexpected.push_back({tensors[i].key, tensors[i].tensor.shape()});
  }
  // What follows the first mistake was not asked for yet.
  if (report.is_of_file && report.HasMistakes()) report.unexpected.clear();
  report.has_more_blocks =
      std::any_of(report.unexpected.begin(), report.unexpected.end(),
                  [&](const FitReport::Keyed& each) { return used.IsOfAnotherBlock(each.key); });
  if (!report.fits()) {
    const bool differs =
        !report.is_of_file && (!report.missing.empty() || !report.mismatched.empty());
    const std::string layout = differs ? DescribeLayout(tensors) : "";
    const std::string other = differs ? NameOfOtherNetwork(tensors) : "";
    if (layout.empty() && !other.empty()) {
      ledger_->Fail(report.Message(),
                    "the checkpoint's own keys are those of " + other + ", which is not supported");
    }
    ledger_->Fail(report.Message(), layout + (layout.empty() ? "" : "; ") + report.Hint());
  }
  if (!report.unexpected.empty()) ledger_->warnings.push_back(report.Surplus());
}

void Weights::Warn(std::string_view key, const std::string& what) const {
  ledger_->warnings.push_back(Quote(Join(key)) + " " + what);
}

const std::vector<std::string>& Weights::warnings() const { return ledger_->warnings; }

}  // namespace yoloport::checkpoint
