#include "results/result_formats.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <set>

#include "results/result_text.h"
#include "yoloport/error.h"
#include "yoloport/image.h"

namespace yoloport::results {
namespace {

class JsonLines final : public ResultFormatter {
 public:
  explicit JsonLines(std::vector<std::string> classes) : classes_(std::move(classes)) {}
  void Add(const ImageResult& result, std::string& out) override {
    out += JsonLine(result, classes_);
    out += '\n';
  }

 private:
  std::vector<std::string> classes_;
};

class Csv final : public ResultFormatter {
 public:
  explicit Csv(std::vector<std::string> classes) : classes_(std::move(classes)) {}
  std::string Begin() override {
    return "image,width,height,frame,time,label,class,score,x1,y1,x2,y2\n";
  }
  void Add(const ImageResult& result, std::string& out) override {
    std::string head = CsvText(result.image) + ',' + std::to_string(result.width) + ',' +
                       std::to_string(result.height) + ',';
    if (result.frame >= 0) head += std::to_string(result.frame);
    head += ',';
    if (result.frame >= 0) AppendNumber(head, result.time);
    for (const Detection& detection : result.detections) {
      out += head + ',' + std::to_string(detection.label) + ',' +
             CsvText(ClassName(classes_, detection.label)) + ',';
      AppendNumber(out, detection.score);
      for (const float coordinate : detection.box) {
        out += ',';
        AppendNumber(out, coordinate);
      }
      out += '\n';
    }
  }

 private:
  std::vector<std::string> classes_;
};

// Text that grows without bounds, on disk: an unnamed file that is gone with the process.
class Spool {
 public:
  Spool() : file_(std::tmpfile()) {
    if (file_ == nullptr) Fail();
  }
  ~Spool() {
    if (file_ != nullptr) std::fclose(file_);
  }
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  void Append(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) Fail();
  }
  void CopyTo(const std::function<void(std::string_view)>& write) {
    if (std::fflush(file_) != 0 || std::fseek(file_, 0, SEEK_SET) != 0) Fail();
    std::array<char, 1 << 16> buffer{};
    for (std::size_t count; (count = std::fread(buffer.data(), 1, buffer.size(), file_)) > 0;) {
      write({buffer.data(), count});
    }
    if (std::ferror(file_) != 0) Fail();
  }

 private:
  [[noreturn]] static void Fail() {
    throw FileError(std::string("a temporary file cannot be written: ") + std::strerror(errno));
  }

  std::FILE* file_;
};

// "[x,y,width,height]"
void AppendCocoBox(std::string& out, const std::array<float, 4>& box) {
  const auto& [x1, y1, x2, y2] = box;
  char separator = '[';
  for (const float value : {x1, y1, x2 - x1, y2 - y1}) {
    out += separator;
    separator = ',';
    AppendNumber(out, value);
  }
  out += ']';
}

class CocoResults final : public ResultFormatter {
 public:
  CocoResults(CocoAnnotations annotations, const std::vector<std::string>& classes)
      : annotations_(std::move(annotations)) {
    for (const std::string& name : classes) categories_.push_back(annotations_.CategoryId(name));
  }

  std::string Begin() override { return "["; }
  void Add(const ImageResult& result, std::string& out) override {
    const auto image = annotations_.ImageId(result.image);
    if (!image) return;
    for (const Detection& detection : result.detections) {
      const auto label = static_cast<std::size_t>(detection.label);
      if (label >= categories_.size() || !categories_[label]) continue;
      out += is_first_ ? "\n" : ",\n";
      is_first_ = false;
      out += "{\"image_id\":" + std::to_string(*image) +
             ",\"category_id\":" + std::to_string(*categories_[label]) + ",\"bbox\":";
      AppendCocoBox(out, detection.box);
      out += ",\"score\":";
      AppendNumber(out, detection.score);
      out += '}';
    }
  }
  void End(const std::function<void(std::string_view)>& write) override { write("\n]\n"); }

 private:
  CocoAnnotations annotations_;
  std::vector<std::optional<std::int64_t>> categories_;  // by label
  bool is_first_ = true;
};

// COCO keeps images and annotations in two lists: the annotations go into the file at once, the
// images wait on the disk until the end.
class Coco final : public ResultFormatter {
 public:
  explicit Coco(std::vector<std::string> classes) : classes_(std::move(classes)) {}

  std::string Begin() override { return "{\"annotations\":["; }
  void Add(const ImageResult& result, std::string& out) override {
    ++images_;
    std::string image = images_ > 1 ? ",\n" : "\n";
    image += "{\"id\":" + std::to_string(images_) + ",\"file_name\":" + JsonText(result.image) +
             ",\"width\":" + std::to_string(result.width) +
             ",\"height\":" + std::to_string(result.height);
    if (result.frame >= 0) image += ",\"frame\":" + std::to_string(result.frame);
    image += EscapedPath("file_name_escaped", result.image);
    spool_.Append(image + "}");
    for (const Detection& detection : result.detections) AddAnnotation(detection, out);
  }
  void End(const std::function<void(std::string_view)>& write) override {
    write("\n],\"images\":[");
    spool_.CopyTo(write);
    write("\n],\"categories\":[");
    for (int label = 0; label < static_cast<int>(classes_.size()); ++label) labels_.insert(label);
    std::string out;
    for (const int label : labels_) {
      out += out.empty() ? "\n" : ",\n";
      out += "{\"id\":" + std::to_string(std::int64_t{label} + 1) +
             ",\"name\":" + JsonText(ClassName(classes_, label)) + "}";
    }
    write(out + "\n]}\n");
  }

 private:
  void AddAnnotation(const Detection& detection, std::string& out) {
    ++annotations_;
    const auto& [x1, y1, x2, y2] = detection.box;
    out += annotations_ > 1 ? ",\n" : "\n";
    out += "{\"id\":" + std::to_string(annotations_) + ",\"image_id\":" + std::to_string(images_) +
           ",\"category_id\":" + std::to_string(std::int64_t{detection.label} + 1) + ",\"bbox\":";
    AppendCocoBox(out, detection.box);
    out += ",\"area\":";
    AppendNumber(out, (x2 - x1) * (y2 - y1));
    out += ",\"iscrowd\":0,\"score\":";
    AppendNumber(out, detection.score);
    out += '}';
    if (static_cast<std::size_t>(detection.label) >= classes_.size()) {
      labels_.insert(detection.label);
    }
  }

  std::vector<std::string> classes_;
  std::set<int> labels_;  // those met that have no class, and at the end all
  Spool spool_;
  std::int64_t images_ = 0;
  std::int64_t annotations_ = 0;
};

}  // namespace

std::unique_ptr<ResultFormatter> MakeFormatter(ResultFormat format,
                                               std::vector<std::string> classes) {
  switch (format) {
    case ResultFormat::kJsonLines:
      return std::make_unique<JsonLines>(std::move(classes));
    case ResultFormat::kCsv:
      return std::make_unique<Csv>(std::move(classes));
    case ResultFormat::kCoco:
      return std::make_unique<Coco>(std::move(classes));
  }
  throw UsageError("there is no such format of results");
}

std::unique_ptr<ResultFormatter> MakeCocoResults(CocoAnnotations annotations,
                                                 const std::vector<std::string>& classes) {
  return std::make_unique<CocoResults>(std::move(annotations), classes);
}

}  // namespace yoloport::results
