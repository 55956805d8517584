#include "yoloport/results.h"

#include "base/atomic_file.h"
#include "results/result_formats.h"
#include "results/result_text.h"
#include "yoloport/image.h"

namespace yoloport {

using results::AppendNumber;
using results::CheckWritable;

std::string JsonLine(const ImageResult& result, std::span<const std::string> classes) {
  CheckWritable(result);
  std::string out = "{\"image\":" + results::JsonText(result.image) +
                    ",\"width\":" + std::to_string(result.width) +
                    ",\"height\":" + std::to_string(result.height);
  if (result.frame >= 0) {
    out += ",\"frame\":" + std::to_string(result.frame) + ",\"time\":";
    AppendNumber(out, result.time);
  }
  out += ",\"detections\":[";
  const char* separator = "";
  for (const Detection& detection : result.detections) {
    out += separator;
    separator = ",";
    out += "{\"label\":" + std::to_string(detection.label) +
           ",\"class\":" + results::JsonText(ClassName(classes, detection.label)) + ",\"score\":";
    AppendNumber(out, detection.score);
    out += ",\"box\":";
    char bracket = '[';
    for (const float coordinate : detection.box) {
      out += bracket;
      bracket = ',';
      AppendNumber(out, coordinate);
    }
    out += "]}";
  }
  return out + "]" + results::EscapedPath("image_escaped", result.image) + "}";
}

class ResultFile::Impl {
 public:
  Impl(const std::filesystem::path& path, std::unique_ptr<results::ResultFormatter> formatter)
      : file_(path), formatter_(std::move(formatter)) {
    pending_ = formatter_->Begin();
  }

  void Add(const ImageResult& result) {
    CheckWritable(result);
    formatter_->Add(result, pending_);
    constexpr std::size_t kEnough = 1 << 16;
    if (pending_.size() >= kEnough) Flush();
  }
  void Commit() {
    formatter_->End([&](std::string_view text) {
      pending_ += text;
      Flush();
    });
    Flush();
    file_.Commit();
  }

 private:
  void Flush() {
    file_.Write(pending_);
    pending_.clear();
  }

  base::AtomicFile file_;
  std::unique_ptr<results::ResultFormatter> formatter_;
  std::string pending_;
};

ResultFile::ResultFile(ResultFormat format, const std::filesystem::path& path,
                       std::vector<std::string> classes)
    : impl_(std::make_unique<Impl>(path, results::MakeFormatter(format, std::move(classes)))) {}
ResultFile::ResultFile(const CocoAnnotations& annotations, const std::filesystem::path& path,
                       const std::vector<std::string>& classes)
    : impl_(std::make_unique<Impl>(path, results::MakeCocoResults(annotations, classes))) {}
ResultFile::~ResultFile() = default;

void ResultFile::Add(const ImageResult& result) { impl_->Add(result); }
void ResultFile::Commit() { impl_->Commit(); }

void WriteYoloFile(const ImageResult& result, const std::filesystem::path& path) {
  CheckWritable(result);
  std::string text;
  for (const Detection& detection : result.detections) {
    const auto& [x1, y1, x2, y2] = detection.box;
    const auto width = static_cast<float>(result.width);
    const auto height = static_cast<float>(result.height);
    text += std::to_string(detection.label);
    for (const float value : {(x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width,
                              (y2 - y1) / height, detection.score}) {
      text += ' ';
      AppendNumber(text, value);
    }
    text += '\n';
  }
  WriteText(text, path);
}

void WriteText(std::string_view text, const std::filesystem::path& path) {
  base::AtomicFile file(path);
  file.Write(text);
  file.Commit();
}

}  // namespace yoloport
