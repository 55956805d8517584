#include "image_stream.h"

#include <nanobind/stl/optional.h>

#include <chrono>
#include <filesystem>
#include <utility>

#include "arrays.h"
#include "errors.h"
#include "yoloport/error.h"

namespace nb = nanobind;
using nb::literals::operator""_a;

namespace yoloport::python {
namespace {

constexpr std::size_t kResultsAhead = 4;
constexpr std::chrono::milliseconds kBetweenSignals(100);

class FileOrArray final : public StreamImage {
 public:
  FileOrArray(std::filesystem::path path, Orientation orientation, const Decoder& decoder)
      : path_(std::move(path)), orientation_(orientation), decoder_(&decoder) {}
  explicit FileOrArray(AnyArray array) : array_(std::move(array)) {}
  ~FileOrArray() override {
    const nb::gil_scoped_acquire gil;
    array_ = {};
  }

  Image Load() override {
    if (is_file()) return ReadFile(path_, orientation_, *decoder_);
    const nb::gil_scoped_acquire gil;
    return ShareArray(array_);
  }
  bool is_file() const { return decoder_ != nullptr; }

 private:
  std::filesystem::path path_;
  Orientation orientation_ = Orientation::kUpright;
  const Decoder* decoder_ = nullptr;
  AnyArray array_;
};

// What an image failed with, as Python's exception. Whatever is neither yoloport's nor Python's is
// thrown on.
nb::object ErrorOf(const std::exception_ptr& pointer) {
  if (!pointer) return nb::none();
  try {
    std::rethrow_exception(pointer);
  } catch (const Error& error) {
    return ToPython(error);
  } catch (const nb::python_error& error) {
    return nb::borrow(error.value());
  }
}

}  // namespace

ImageStream::ImageStream(const Detector& detector, nb::object next, Decoder decoder,
                         const Thresholds& thresholds)
    : detector_(detector), next_(std::move(next)), decoder_(std::move(decoder)) {
  detector.CheckThresholds(thresholds);
  thread_ = std::thread([this, thresholds] { Run(thresholds); });
}

ImageStream::~ImageStream() { Close(); }

void ImageStream::Run(const Thresholds& thresholds) {
  StreamOptions options;
  options.thresholds = thresholds;
  std::exception_ptr failure;
  try {
    DetectStream(
        detector_, [this] { return Take(); }, [this](StreamImage& image) { return Put(image); },
        options);
  } catch (...) {
    failure = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  failure_ = failure;
  is_done_ = true;
  changed_.notify_all();
}

std::unique_ptr<StreamImage> ImageStream::Take() {
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_) return nullptr;
  }
  const nb::gil_scoped_acquire gil;
  const nb::object image = next_();
  if (image.is_none()) return nullptr;
  if (nb::ndarray_check(image)) {
    return std::make_unique<FileOrArray>(nb::cast<AnyArray>(image));
  }
  const nb::bytes path = nb::steal<nb::bytes>(PyUnicode_EncodeFSDefault(image.ptr()));
  if (!path.is_valid()) throw nb::python_error();
  return std::make_unique<FileOrArray>(std::filesystem::path(path.c_str()),
                                       detector_.preprocess().orientation, decoder_);
}

bool ImageStream::Put(StreamImage& image) {
  const bool is_file = static_cast<FileOrArray&>(image).is_file();
  StreamResult result = {is_file ? std::move(image.image) : Image(), std::move(image.detections),
                         image.error};
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return is_closed_ || results_.size() < kResultsAhead; });
  if (is_closed_) return false;
  results_.push_back(std::move(result));
  changed_.notify_all();
  return true;
}

bool ImageStream::WaitForResult() {
  while (true) {
    {
      const nb::gil_scoped_release no_gil;
      std::unique_lock lock(mutex_);
      const auto is_ready = [&] { return is_closed_ || is_done_ || !results_.empty(); };
      if (changed_.wait_for(lock, kBetweenSignals, is_ready)) return !results_.empty();
    }
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
  }
}

nb::object ImageStream::Next() {
  StreamResult result;
  if (!WaitForResult()) {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    return nb::none();
  }
  {
    const std::lock_guard lock(mutex_);
    if (results_.empty()) return nb::none();
    result = std::move(results_.front());
    results_.pop_front();
    changed_.notify_all();
  }
  const nb::object error = ErrorOf(result.error);
  DetectionArrays arrays(result.detections);
  const nb::object pixels =
      result.image.data() == nullptr ? nb::none() : nb::cast(ToArray(std::move(result.image)));
  return nb::make_tuple(nb::make_tuple(arrays.boxes, arrays.scores, arrays.labels), pixels, error);
}

void ImageStream::Close() {
  const nb::gil_scoped_release no_gil;
  std::deque<StreamResult> dropped;  // outside the lock: pixels of arrays go with the GIL
  std::thread thread;
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    dropped.swap(results_);
    thread.swap(thread_);
    changed_.notify_all();
  }
  if (thread.joinable()) thread.join();
}

void BindImageStream(nb::module_& module) {
  nb::class_<ImageStream>(module, "ImageStream", nb::is_weak_referenceable())
      .def(nb::init<const Detector&, nb::object, Decoder, const Thresholds&>(), "detector"_a,
           "next"_a, "decoder"_a, "thresholds"_a, nb::keep_alive<1, 2>())
      .def("next", &ImageStream::Next)
      .def("close", &ImageStream::Close);
}

}  // namespace yoloport::python
