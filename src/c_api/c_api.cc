// yoloport/yoloport.h: exceptions become status codes, containers become arrays.
#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <unordered_map>
#include <vector>

#include "c_api/options.h"
#include "yoloport/detector.h"
#include "yoloport/error.h"
#include "yoloport/export.h"
#include "yoloport/image.h"
#include "yoloport/version.h"
#include "yoloport/yoloport.h"

struct yoloport_detector {
  yoloport::Detector detector;
  std::mutex mutex;
  std::unordered_map<int, std::string> names = {};  // those that were asked for
};

namespace {

using yoloport::Detection;

thread_local std::string last_error;

yoloport_status Fail(yoloport_status status, const char* what) noexcept {
  try {
    last_error = what;
  } catch (const std::bad_alloc&) {
    last_error.clear();  // "" is better than the error before
  }
  return status;
}

// What is being thrown, as a status; its text for yoloport_last_error().
yoloport_status Caught() noexcept {
  try {
    throw;
  } catch (const yoloport::ConfigError& error) {
    return Fail(YOLOPORT_CONFIG_ERROR, error.what());
  } catch (const yoloport::CheckpointError& error) {
    return Fail(YOLOPORT_CHECKPOINT_ERROR, error.what());
  } catch (const yoloport::ModelError& error) {
    return Fail(YOLOPORT_MODEL_ERROR, error.what());
  } catch (const yoloport::RuntimeError& error) {
    return Fail(YOLOPORT_RUNTIME_ERROR, error.what());
  } catch (const yoloport::ImageError& error) {
    return Fail(YOLOPORT_IMAGE_ERROR, error.what());
  } catch (const yoloport::FileError& error) {
    return Fail(YOLOPORT_FILE_ERROR, error.what());
  } catch (const yoloport::UsageError& error) {
    return Fail(YOLOPORT_USAGE_ERROR, error.what());
  } catch (const std::bad_alloc&) {
    return Fail(YOLOPORT_NO_MEMORY, "out of memory");
  } catch (const std::exception& error) {
    return Fail(YOLOPORT_OTHER_ERROR, error.what());
  } catch (...) {
    return Fail(YOLOPORT_OTHER_ERROR, "an unknown error");
  }
}

template <typename Action>
yoloport_status Guarded(const Action& action) noexcept {
  try {
    action();
    return YOLOPORT_OK;
  } catch (...) {
    return Caught();
  }
}

void RequireGiven(const void* pointer, const char* name) {
  if (pointer == nullptr) throw yoloport::UsageError(std::string(name) + " is NULL");
}

int BytesOf(int format) {
  switch (format) {
    case YOLOPORT_GRAY:
      return 1;
    case YOLOPORT_BGR:
    case YOLOPORT_RGB:
      return 3;
    case YOLOPORT_BGRA:
    case YOLOPORT_RGBA:
      return 4;
    default:
      throw yoloport::UsageError("format is no yoloport_format");
  }
}

// The pixels as blue, green, red.
yoloport::Image Converted(const std::uint8_t* pixels, int width, int height, std::size_t stride,
                          int format) {
  const auto step = static_cast<std::size_t>(BytesOf(format));
  const bool rgb = format == YOLOPORT_RGB || format == YOLOPORT_RGBA;
  yoloport::Image image(width, height);
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* from = pixels + static_cast<std::size_t>(y) * stride;
    std::uint8_t* to = image.data() + static_cast<std::size_t>(y) * image.stride();
    for (int x = 0; x < width; ++x, from += step, to += 3) {
      to[0] = from[rgb ? 2 : 0];
      to[1] = from[1];
      to[2] = from[rgb ? 0 : 2];
    }
  }
  return image;
}

void RequireImage(const std::uint8_t* pixels, int width, int height, std::size_t stride,
                  std::size_t row) {
  RequireGiven(pixels, "pixels");
  if (width < 1 || height < 1 || std::int64_t{width} * height > yoloport::kMaxImagePixels) {
    throw yoloport::ImageError("an image of " + std::to_string(width) + "x" +
                               std::to_string(height) + " pixels cannot be looked at");
  }
  if (stride < row) {
    throw yoloport::UsageError("stride is " + std::to_string(stride) + " bytes, and a row has " +
                               std::to_string(row));
  }
}

void Store(const std::vector<Detection>& detections, yoloport_detections& found) {
  if (detections.empty()) return;
  found.items = new yoloport_detection[detections.size()];
  found.count = detections.size();
  std::transform(detections.begin(), detections.end(), found.items, [](const Detection& each) {
    return yoloport_detection{each.label,  each.score,  each.box[0],
                              each.box[1], each.box[2], each.box[3]};
  });
}

}  // namespace

extern "C" {

const char* yoloport_version(void) { return yoloport::Version(); }

const char* yoloport_last_error(void) { return last_error.c_str(); }

yoloport_status yoloport_export(const char* config, const char* checkpoint, const char* output,
                                const char* options) {
  return Guarded([&] {
    RequireGiven(checkpoint, "checkpoint");
    RequireGiven(output, "output");
    yoloport::ExportOptions asked;
    if (options != nullptr) yoloport::c_api::ReadExportOptions(options, asked);
    if (config != nullptr) asked.config = config;
    asked.checkpoint = checkpoint;
    asked.output = output;
    yoloport::Export(asked);
  });
}

yoloport_detector* yoloport_open(const char* model, const char* options) {
  yoloport_detector* opened = nullptr;
  Guarded([&] {
    RequireGiven(model, "model");
    yoloport::DetectorOptions asked;
    if (options != nullptr) yoloport::c_api::ReadDetectorOptions(options, asked);
    opened = new yoloport_detector{yoloport::Detector(model, asked), {}};
  });
  return opened;
}

void yoloport_close(yoloport_detector* detector) { delete detector; }

size_t yoloport_class_count(const yoloport_detector* detector) {
  return detector == nullptr ? 0 : detector->detector.classes().size();
}

const char* yoloport_class_name(yoloport_detector* detector, int label) {
  const char* name = "";
  Guarded([&] {
    RequireGiven(detector, "detector");
    const std::lock_guard lock(detector->mutex);
    const auto [entry, is_new] = detector->names.try_emplace(label);
    if (is_new) entry->second = yoloport::ClassName(detector->detector.classes(), label);
    name = entry->second.c_str();
  });
  return name;
}

yoloport_status yoloport_detect(const yoloport_detector* detector, const uint8_t* pixels, int width,
                                int height, size_t stride, int format, yoloport_detections* found) {
  return Guarded([&] {
    RequireGiven(found, "found");
    *found = {};
    RequireGiven(detector, "detector");
    const int channels = BytesOf(format);
    const std::size_t row =
        static_cast<std::size_t>(std::max(0, width)) * static_cast<std::size_t>(channels);
    if (stride == 0) stride = row;
    RequireImage(pixels, width, height, stride, row);
    if (format == YOLOPORT_BGR || format == YOLOPORT_GRAY) {
      Store(detector->detector.Detect(yoloport::ImageView{pixels, width, height, channels, stride}),
            *found);
      return;
    }
    const yoloport::Image image = Converted(pixels, width, height, stride, format);
    Store(detector->detector.Detect(image.view()), *found);
  });
}

yoloport_status yoloport_detect_file(const yoloport_detector* detector, const char* path,
                                     yoloport_detections* found) {
  return Guarded([&] {
    RequireGiven(found, "found");
    *found = {};
    RequireGiven(detector, "detector");
    RequireGiven(path, "path");
    const yoloport::Image image =
        yoloport::ReadImage(path, detector->detector.preprocess().orientation);
    Store(detector->detector.Detect(image.view()), *found);
  });
}

void yoloport_free_detections(yoloport_detections* found) {
  if (found == nullptr) return;
  delete[] found->items;
  *found = {};
}

}  // extern "C"
