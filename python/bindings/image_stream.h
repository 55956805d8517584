// Many images at once: DetectStream() for Python, which takes the results one by one.
#pragma once

#include <nanobind/nanobind.h>

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "image_files.h"
#include "yoloport/detector.h"
#include "yoloport/stream.h"

namespace yoloport::python {

// What became of one image.
struct StreamResult {
  Image image;  // of those that were given as a path
  std::vector<Detection> detections;
  std::exception_ptr error;
};

// A thread in which DetectStream() runs, a few results ahead of who takes them.
class ImageStream {
 public:
  // `next` gives a path, an array, or None at the end. The detector must outlive this.
  ImageStream(const Detector& detector, nanobind::object next, Decoder decoder,
              const Thresholds& thresholds);
  ~ImageStream();
  ImageStream(const ImageStream&) = delete;
  ImageStream& operator=(const ImageStream&) = delete;

  // The boxes, scores and labels of the next image, its pixels or None, and its error or None.
  // None at the end. Throws what `next` threw.
  nanobind::object Next();

  // Ends the thread; nothing more comes.
  void Close();

 private:
  void Run(const Thresholds& thresholds);
  std::unique_ptr<StreamImage> Take();
  bool Put(StreamImage& image);
  bool WaitForResult();  // false at the end

  const Detector& detector_;
  nanobind::object next_;
  Decoder decoder_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<StreamResult> results_;
  bool is_closed_ = false;
  bool is_done_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

void BindImageStream(nanobind::module_& module);

}  // namespace yoloport::python
