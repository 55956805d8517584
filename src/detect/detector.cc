#include "yoloport/detector.h"

#include <chrono>
#include <iterator>

#include "detect/check_options.h"
#include "detect/detector_stages.h"
#include "runtime/cores.h"
#include "yoloport/stream.h"

namespace yoloport {
namespace {

// Calls `stage` and adds the milliseconds it took.
template <typename Stage>
auto Timed(double& milliseconds, const Stage& stage) {
  const auto start = std::chrono::steady_clock::now();
  auto result = stage();
  milliseconds +=
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace

class Detector::Impl : public detect::DetectorStages {
 public:
  Impl(std::filesystem::path model, DetectorOptions options)
      : DetectorStages(model, options), path_(std::move(model)), options_(std::move(options)) {}

  std::unique_ptr<Impl> ForThroughput() const {
    auto other = std::make_unique<Impl>(path_, yoloport::ForThroughput(options_));
    other->CountWith(*this);
    return other;
  }

  std::vector<std::vector<Detection>> Detect(std::span<const ImageView> images,
                                             const detect::RunSettings& settings,
                                             DetectTimes* times) const {
    DetectTimes spent;
    std::vector<std::vector<Detection>> results;
    const auto batch_size = static_cast<std::size_t>(batch());
    while (!images.empty()) {
      const auto group = images.first(std::min(batch_size, images.size()));
      images = images.subspan(group.size());
      const auto batch = Timed(spent.prepare, [&] { return Prepare(group); });
      const auto outputs = Timed(spent.infer, [&] { return Infer(batch, settings); });
      auto found = Timed(spent.decode, [&] { return Decode(batch, outputs, settings); });
      std::move(found.begin(), found.end(), std::back_inserter(results));
    }
    if (times != nullptr) *times = spent;
    return results;
  }

 private:
  std::filesystem::path path_;
  DetectorOptions options_;
};

Detector::Detector(const std::filesystem::path& model, const DetectorOptions& options)
    : impl_(std::make_unique<Impl>(model, options)) {}
Detector::Detector(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Detector::Detector(Detector&&) noexcept = default;
Detector& Detector::operator=(Detector&&) noexcept = default;
Detector::~Detector() = default;

std::vector<Detection> Detector::Detect(const ImageView& image, DetectTimes* times) const {
  return std::move(Detect(std::span(&image, 1), times).front());
}

std::vector<std::vector<Detection>> Detector::Detect(std::span<const ImageView> images,
                                                     DetectTimes* times) const {
  return impl_->Detect(images, impl_->settings(), times);
}

std::vector<std::vector<Detection>> Detector::Detect(std::span<const ImageView> images,
                                                     const Thresholds& thresholds,
                                                     DetectTimes* times) const {
  detect::CheckRange(thresholds);
  return impl_->Detect(images, impl_->SettingsFor(thresholds), times);
}

void Detector::CheckThresholds(const Thresholds& thresholds) const {
  detect::CheckRange(thresholds);
  impl_->SettingsFor(thresholds);
}

Detector Detector::ForThroughput() const { return Detector(impl_->ForThroughput()); }

double Detector::RunNetwork() const {
  double milliseconds = 0;
  const detect::PreparedBatch& blank = impl_->Blank();
  Timed(milliseconds, [&] { return impl_->Infer(blank, impl_->settings()); });
  return milliseconds;
}

const std::vector<std::string>& Detector::classes() const { return impl_->classes(); }
const std::vector<Rgb>& Detector::palette() const { return impl_->palette(); }
const Preprocess& Detector::preprocess() const { return impl_->preprocess(); }
int Detector::batch() const { return impl_->batch(); }
int Detector::streams() const { return impl_->streams(); }
double Detector::lowest_score() const { return impl_->lowest_score(); }
const std::string& Detector::runtime() const { return impl_->runtime(); }
const std::vector<std::string>& Detector::notes() const { return impl_->notes(); }
const std::vector<std::string>& Detector::warnings() const { return impl_->warnings(); }
std::string Detector::left_out() const { return impl_->left_out(); }

std::vector<std::string> Runtimes() { return runtime::RuntimeNames(); }
int UsableCores() { return runtime::AvailableCores(); }

}  // namespace yoloport
