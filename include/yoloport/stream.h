// Detecting in many images at once: reading, preparing, the network, drawing and writing overlap,
// no more than a few images are in memory, and results come in the order of the images.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <vector>

#include "yoloport/detector.h"
#include "yoloport/image.h"

namespace yoloport {

// One image on its way through DetectStream(). The caller derives what it needs from this. The
// virtual functions run once each, Load() first, on some thread of the stream: those of one image
// never at the same time, those of different images whenever there is time for them.
class StreamImage {
 public:
  StreamImage() = default;
  virtual ~StreamImage() = default;
  StreamImage(const StreamImage&) = delete;
  StreamImage& operator=(const StreamImage&) = delete;

  // Gives the pixels; `image` is what it gave. An exception ends this image's way.
  virtual Image Load() = 0;
  // `detections` are there: draw, encode, write. What is not needed any more should be let go of.
  virtual void Finish() {}

  Image image;
  std::vector<Detection> detections;
  double load_time = 0;  // milliseconds
  DetectTimes times;
  std::exception_ptr error;  // what Load(), the detector or Finish() threw
};

// Options of a detector that gets through many images soonest: `options.threads` (0: all usable
// cores) are split into streams, so that each image alone takes longer.
DetectorOptions ForThroughput(DetectorOptions options);

struct StreamOptions {
  int workers = 0;  // threads; 0: enough to keep the detector's streams and the other cores busy
  Thresholds thresholds = {};
};

// Takes images from `next` until that gives nothing, and hands each one to `deliver` when it is
// done, also one with an error. `deliver` is called on the calling thread and in the order of
// `next`; when it returns false no more images are taken, and those on their way are dropped.
// `next` is called on other threads, one at a time; where it throws, what was taken before is
// delivered first. Throws what `next` and `deliver` throw, once all threads have ended, and
// what Detector::CheckThresholds() does.
void DetectStream(const Detector& detector,
                  const std::function<std::unique_ptr<StreamImage>()>& next,
                  const std::function<bool(StreamImage&)>& deliver,
                  const StreamOptions& options = {});

}  // namespace yoloport
