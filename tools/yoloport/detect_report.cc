#include "detect_report.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>

#include "cli.h"
#include "yoloport/image.h"

namespace yoloport::tool {
namespace {

constexpr std::size_t kWidestName = 60;

std::string Fixed(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.*f", decimals, value);
  return text;
}

std::string PaddedRight(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}
std::string PaddedLeft(std::string text, std::size_t width) {
  if (text.size() < width) text.insert(0, width - text.size(), ' ');
  return text;
}

std::string Plural(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string Dropped(std::size_t frames) {
  return frames > 0 ? " (" + std::to_string(frames) + " more dropped for newer ones)" : "";
}

}  // namespace

std::string CountsByClass(const std::vector<Detection>& detections,
                          const std::vector<std::string>& classes) {
  std::map<int, int> counts;
  for (const Detection& detection : detections) ++counts[detection.label];
  std::vector<std::pair<int, int>> order(counts.begin(), counts.end());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string out;
  for (const auto& [label, count] : order) {
    if (!out.empty()) out += ", ";
    out += std::to_string(count) + " " + Printable(ClassName(classes, label));
  }
  return out.empty() ? "-" : out;
}

Report::Report(std::size_t name_width)
    : name_width_(std::clamp<std::size_t>(name_width, 5, kWidestName)) {}

std::string Report::Header() const {
  return PaddedRight("image", name_width_) + "  " + PaddedLeft("size", 11) + "  " +
         PaddedLeft("ms", 7) + "  found\n";
}

std::string Report::Line(const std::string& name, int width, int height, double milliseconds,
                         const std::string& found) const {
  const std::string size = std::to_string(width) + "x" + std::to_string(height);
  return PaddedRight(Printable(name), name_width_) + "  " + PaddedLeft(size, 11) + "  " +
         PaddedLeft(Fixed(milliseconds, 1), 7) + "  " + found + "\n";
}

std::string Report::Add(const ImageResult& result, const ImageTimes& times,
                        const std::vector<std::string>& classes) {
  objects_ += result.detections.size();
  total_.read += times.read;
  total_.detect.prepare += times.detect.prepare;
  total_.detect.infer += times.detect.infer;
  total_.detect.decode += times.detect.decode;
  total_.draw += times.draw;
  total_.write += times.write;
  if (result.frame >= 0) {
    ++frames_;
    const std::size_t frames = video_.frames + 1;
    video_ = {result.image,
              result.width,
              result.height,
              frames,
              static_cast<std::size_t>(result.frame) + 1 - frames,
              video_.objects + result.detections.size(),
              video_.milliseconds + times.sum()};
    return {};
  }
  ++images_;
  return Line(result.image, result.width, result.height, times.sum(),
              CountsByClass(result.detections, classes));
}

std::string Report::EndVideo(double write_time) {
  total_.write += write_time;
  const Video video = std::exchange(video_, {});
  dropped_ += video.dropped;
  return Line(video.name, video.width, video.height,
              (video.milliseconds + write_time) / static_cast<double>(video.frames),
              Plural(video.objects, "object") + " in " + Plural(video.frames, "frame") +
                  Dropped(video.dropped));
}

std::string Report::Summary(double seconds, const std::string& runtime) const {
  const std::size_t count = images_ + frames_;
  if (count == 0) return "";
  const auto each = [&](double total) { return Fixed(total / static_cast<double>(count), 1); };
  std::string what = Plural(images_, "image");
  if (frames_ > 0) what = (images_ > 0 ? what + ", " : "") + Plural(frames_, "frame");
  what += Dropped(dropped_);
  return what + ", " + Plural(objects_, "object") + " in " + Fixed(seconds, 2) + " s, " +
         Fixed(static_cast<double>(count) / seconds, 1) + " a second, with " + runtime +
         ". Milliseconds of each: read " + each(total_.read) + ", prepare " +
         each(total_.detect.prepare) + ", infer " + each(total_.detect.infer) + ", decode " +
         each(total_.detect.decode) + ", draw " + each(total_.draw) + ", write " +
         each(total_.write) + "; they overlap.\n";
}

Progress::Progress(std::size_t total, bool wanted)
    : total_(total), is_terminal_(wanted && IsTerminal()) {}

Progress::~Progress() { Hide(); }

void Progress::Show(std::size_t done, const std::string& name, std::int64_t frame) {
  if (!is_terminal_ || (total_ == 1 && frame < 0)) return;  // a single image is done in no time
  const std::string shown =
      name.size() > kWidestName ? "..." + name.substr(name.size() - kWidestName + 3) : name;
  std::fprintf(stderr, "\r\x1b[K[%zu/%zu] %s", done, total_, Printable(shown).c_str());
  if (frame >= 0) std::fprintf(stderr, " frame %lld", static_cast<long long>(frame));
  shown_ = true;
}

void Progress::Hide() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
  shown_ = false;
}

}  // namespace yoloport::tool
