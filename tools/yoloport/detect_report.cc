#include "detect_report.h"

#include <algorithm>
#include <cstdio>
#include <map>

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

std::string Report::Line(const ImageResult& result, const ImageTimes& times,
                         const std::vector<std::string>& classes) {
  ++images_;
  objects_ += result.detections.size();
  total_.read += times.read;
  total_.detect.prepare += times.detect.prepare;
  total_.detect.infer += times.detect.infer;
  total_.detect.decode += times.detect.decode;
  total_.draw += times.draw;
  total_.write += times.write;
  const double all = times.read + times.detect.prepare + times.detect.infer + times.detect.decode +
                     times.draw + times.write;
  const std::string size = std::to_string(result.width) + "x" + std::to_string(result.height);
  return PaddedRight(Printable(result.image), name_width_) + "  " + PaddedLeft(size, 11) + "  " +
         PaddedLeft(Fixed(all, 1), 7) + "  " + CountsByClass(result.detections, classes) + "\n";
}

std::string Report::Summary(double seconds) const {
  if (images_ == 0) return "";
  const auto each = [&](double total) { return Fixed(total / static_cast<double>(images_), 1); };
  return Plural(images_, "image") + ", " + Plural(objects_, "object") + " in " + Fixed(seconds, 2) +
         " s, " + Fixed(static_cast<double>(images_) / seconds, 1) +
         " images/s. Milliseconds an image: read " + each(total_.read) + ", prepare " +
         each(total_.detect.prepare) + ", infer " + each(total_.detect.infer) + ", decode " +
         each(total_.detect.decode) + ", draw " + each(total_.draw) + ", write " +
         each(total_.write) + ".\n";
}

Progress::Progress(std::size_t total, bool wanted)
    : total_(total), wanted_(wanted && total > 1 && IsTerminal()) {}

Progress::~Progress() { Hide(); }

void Progress::Show(std::size_t done, const std::string& name) {
  if (!wanted_) return;
  const std::string shown =
      name.size() > kWidestName ? "..." + name.substr(name.size() - kWidestName + 3) : name;
  std::fprintf(stderr, "\r\x1b[K[%zu/%zu] %s", done, total_, Printable(shown).c_str());
  shown_ = true;
}

void Progress::Hide() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
  shown_ = false;
}

}  // namespace yoloport::tool
