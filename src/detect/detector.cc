#include "yoloport/detector.h"

#include <chrono>
#include <iterator>

#include "detect/detector_stages.h"
#include "runtime/cores.h"

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
  using detect::DetectorStages::DetectorStages;
};

Detector::Detector(const std::filesystem::path& model, const DetectorOptions& options)
    : impl_(std::make_unique<Impl>(model, options)) {}
Detector::Detector(Detector&&) noexcept = default;
Detector& Detector::operator=(Detector&&) noexcept = default;
Detector::~Detector() = default;

std::vector<Detection> Detector::Detect(const ImageView& image, DetectTimes* times) const {
  return std::move(Detect(std::span(&image, 1), times).front());
}

std::vector<std::vector<Detection>> Detector::Detect(std::span<const ImageView> images,
                                                     DetectTimes* times) const {
  DetectTimes spent;
  std::vector<std::vector<Detection>> results;
  const auto batch_size = static_cast<std::size_t>(impl_->batch());
  while (!images.empty()) {
    const auto group = images.first(std::min(batch_size, images.size()));
    images = images.subspan(group.size());
    const auto batch = Timed(spent.prepare, [&] { return impl_->Prepare(group); });
    const auto outputs = Timed(spent.infer, [&] { return impl_->Infer(batch); });
    auto found = Timed(spent.decode, [&] { return impl_->Decode(batch, outputs); });
    std::move(found.begin(), found.end(), std::back_inserter(results));
  }
  if (times != nullptr) *times = spent;
  return results;
}

double Detector::RunNetwork() const {
  double milliseconds = 0;
  const detect::PreparedBatch& blank = impl_->Blank();
  Timed(milliseconds, [&] { return impl_->Infer(blank); });
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
