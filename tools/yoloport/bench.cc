// `yoloport bench`: how quick a detector is.
#include <atomic>
#include <chrono>
#include <cmath>
#include <ctime>
#include <memory>
#include <optional>
#include <thread>

#include "bench_report.h"
#include "cli.h"
#include "detect.h"
#include "detect_inputs.h"
#include "detect_options.h"
#include "image_source.h"
#include "yoloport/detector.h"
#include "yoloport/error.h"
#include "yoloport/model_description.h"
#include "yoloport/results.h"
#include "yoloport/stream.h"
#include "yoloport/text.h"

namespace yoloport::tool {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kWarmUp = 3;      // runs before those that count
constexpr int kFewestRuns = 5;  // that count, however long they take

struct Options {
  std::vector<std::string> paths;  // the model
  std::vector<std::string> images;
  std::vector<std::string> runtimes = {"onnxruntime"};
  std::vector<std::string> threads = {"0"};
  int batch = 1;
  double seconds = 3;  // of each of the four measurements
  std::string json;
};

void DeclareBench(CLI::App& app, Options& options) {
  app.allow_extras();
  ShowExamples(app,
               "  yoloport bench model.onnx\n"
               "  yoloport bench model.onnx --runtime onnxruntime openvino --threads 1 2\n");
  app.add_option("paths", options.paths, "The model.onnx")->type_name("MODEL");
  app.add_option("--images", options.images,
                 "Images or a folder to run the pipeline on, else a made-up one of 640x480")
      ->type_name("INPUT");
  app.add_option("--runtime", options.runtimes, "Runtimes to measure")
      ->type_name(ListOf({"onnxruntime", "openvino", "tensorrt"}))
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--threads", options.threads, "Thread counts to measure; 0: as many as cores")
      ->type_name("N,N...")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--batch", options.batch, "Images a run, where the model takes any number")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "Duration of each of the four measurements of a row")
      ->type_name("NUMBER")
      ->capture_default_str();
  app.add_option("--json", options.json, "Write a line of JSON for each row; - is stdout")
      ->type_name("FILE");
  app.footer(
      "Latencies are of one run after another, each with all threads. images/s is what as many\n"
      "runs at once as are quickest give. The pipeline decodes, prepares, infers, draws and "
      "encodes;\nnothing is written.");
}

int ParseThreads(const std::string& text) {
  const int threads = ParseNumber<int>(text).value_or(-1);
  if (threads < 0 || threads > kMaxThreads) {
    throw UsageError("--threads takes numbers from 0 to " + std::to_string(kMaxThreads) + ", not " +
                     Printable(text));
  }
  return threads > 0 ? threads : UsableCores();
}

// Something like a photo: smooth, with edges and some noise.
Image MakePicture() {
  Image image(640, 480);
  unsigned noise = 1;
  for (int y = 0; y < image.height(); ++y) {
    std::uint8_t* pixel = image.data() + image.stride() * static_cast<std::size_t>(y);
    for (int x = 0; x < image.width(); ++x) {
      const bool inside = (x / 80 + y / 60) % 3 == 0;
      for (int c = 0; c < 3; ++c) {
        noise = noise * 1664525U + 1013904223U;
        const double smooth = 110 + 60 * std::sin(x / (31.0 + c)) * std::cos(y / (23.0 + c));
        *pixel++ = static_cast<std::uint8_t>(smooth + (inside ? 50 : 0) + (noise >> 28));
      }
    }
  }
  return image;
}

// The encoded images that the pipeline runs on, in turn.
class Pictures {
 public:
  // Those that were found, or a made-up one.
  explicit Pictures(const std::optional<Inputs>& inputs) {
    if (!inputs) {
      encoded_ = EncodeImage(MakePicture(), "picture.jpg");
      return;
    }
    const Inputs& found = *inputs;
    for (const std::string& problem : found.problems) throw FileError(problem);
    for (const Item& item : found.items) {
      if (item.kind == InputKind::kImage) paths_.push_back(item.source);
    }
    if (paths_.empty()) throw UsageError("--images: there are no images");
  }

  Image Read(std::size_t number, Orientation orientation) const {
    return paths_.empty() ? DecodeImage(encoded_, "picture.jpg", orientation)
                          : ReadImage(paths_[number % paths_.size()], orientation);
  }

 private:
  std::vector<std::byte> encoded_;
  std::vector<std::filesystem::path> paths_;
};

// Draws and encodes, and forgets.
void Annotate(Image& image, const std::vector<Detection>& detections, const Detector& detector) {
  DrawDetections(image, detections, detector.classes(), detector.palette());
  EncodeImage(image, "picture.jpg");
}

class BenchImage final : public StreamImage {
 public:
  BenchImage(const Pictures& pictures, std::size_t number, const Detector& detector)
      : pictures_(pictures), number_(number), detector_(detector) {}
  Image Load() override { return pictures_.Read(number_, detector_.preprocess().orientation); }
  void Finish() override { Annotate(image, detections, detector_); }

 private:
  const Pictures& pictures_;
  std::size_t number_;
  const Detector& detector_;
};

// Calls `run` for so long, and at least a few times; milliseconds of each call.
template <typename Run>
std::vector<double> Repeat(double seconds, const Run& run) {
  std::vector<double> times;
  const auto begin = Clock::now();
  while (times.size() < kFewestRuns || MillisecondsSince(begin) < seconds * 1000) {
    const auto start = Clock::now();
    run();
    times.push_back(MillisecondsSince(start));
  }
  return times;
}

// Latencies, one run after another, and what a run takes of the processors.
template <typename Run>
Figures Latency(double seconds, const Run& run) {
  const std::clock_t before = std::clock();  // of all threads
  const std::vector<double> times = Repeat(seconds, run);
  Figures figures = Percentiles(times);
  figures.cpu = static_cast<double>(std::clock() - before) * 1000 / CLOCKS_PER_SEC /
                static_cast<double>(times.size());
  return figures;
}

double NetworkThroughput(const Detector& detector, double seconds) {
  std::vector<std::thread> threads;
  std::atomic<std::size_t> runs{0};
  const auto begin = Clock::now();
  for (int i = 0; i < detector.streams(); ++i) {
    threads.emplace_back([&] { runs += Repeat(seconds, [&] { detector.RunNetwork(); }).size(); });
  }
  for (std::thread& thread : threads) thread.join();
  return static_cast<double>(runs) * detector.batch() / MillisecondsSince(begin) * 1000;
}

double PipelineThroughput(const Detector& detector, const Pictures& pictures, double seconds) {
  std::size_t taken = 0;
  std::size_t delivered = 0;
  const auto begin = Clock::now();
  DetectStream(
      detector,
      [&]() -> std::unique_ptr<StreamImage> {
        if (taken >= kFewestRuns && MillisecondsSince(begin) > seconds * 1000) return nullptr;
        return std::make_unique<BenchImage>(pictures, taken++, detector);
      },
      [&](StreamImage& image) {
        if (image.error) std::rethrow_exception(image.error);
        ++delivered;
        return true;
      });
  return static_cast<double>(delivered) / MillisecondsSince(begin) * 1000;
}

Measurement Measure(const Options& options, const std::string& runtime, int threads,
                    const Pictures& pictures) {
  const DetectorOptions base = {
      .score_threshold = 0.3, .runtime = runtime, .threads = threads, .batch = options.batch};
  Measurement result;
  {
    const Detector detector(options.paths[0], base);
    for (int i = 0; i < kWarmUp; ++i) detector.RunNetwork();
    result.runtime = runtime;
    result.description = detector.runtime();
    result.threads = threads;
    result.batch = detector.batch();
    result.network = Latency(options.seconds, [&] { detector.RunNetwork(); });
    std::size_t number = 0;
    result.pipeline = Latency(options.seconds, [&] {
      Image image = pictures.Read(number++, detector.preprocess().orientation);
      Annotate(image, detector.Detect(image.view()), detector);
    });
  }
  const Detector detector(options.paths[0], ForThroughput(base));
  for (int i = 0; i < kWarmUp; ++i) detector.RunNetwork();
  result.streams = detector.streams();
  result.network.per_second = NetworkThroughput(detector, options.seconds);
  result.pipeline.per_second = PipelineThroughput(detector, pictures, options.seconds);
  return result;
}

int Bench(Options& options) {
  if (options.paths.size() != 1) {
    throw UsageError("needs one model", "yoloport bench MODEL.onnx");
  }
  if (!(options.seconds > 0 && options.seconds <= 3600)) {
    throw UsageError("--seconds must be above 0 and at most 3600");
  }
  std::vector<int> thread_counts;
  for (const std::string& text : SplitCommas(options.threads)) {
    thread_counts.push_back(ParseThreads(text));
  }
  std::optional<Inputs> inputs;
  if (!options.images.empty()) inputs = CollectInputs({options.images, false, {}});
  const bool to_stdout = options.json == "-" || IsStdout(options.json);
  const bool to_file = !options.json.empty() && !to_stdout;
  if (to_file) {
    CheckNothingIsReplaced(inputs.value_or(Inputs{}), ModelFiles(options.paths[0]),
                           {{options.json, "--json"}});
  }
  const Pictures pictures(inputs);
  std::vector<Measurement> measurements;
  std::string lines;
  for (const std::string& runtime : SplitCommas(options.runtimes)) {
    for (const int threads : thread_counts) {
      measurements.push_back(Measure(options, runtime, threads, pictures));
      lines += Json(measurements.back(), options.paths[0]) + "\n";
    }
  }
  if (to_file) WriteText(lines, options.json);
  Print(to_stdout ? lines : Table(measurements));
  return kDone;
}

}  // namespace

std::function<int()> AddBench(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  DeclareBench(app, *options);
  return [options] { return Bench(*options); };
}

}  // namespace yoloport::tool
