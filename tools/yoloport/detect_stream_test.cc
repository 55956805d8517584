// `yoloport detect` on streams that end, break or fall silent, of servers on this machine.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <opencv2/core.hpp>
#include <opencv2/videoio.hpp>
#include <optional>

#include "test_program.h"
#include "test_server.h"
#include "yoloport/video.h"

namespace yoloport::tool {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using test_support::Contents;
using test_support::Outcome;
using testing::HasSubstr;

constexpr const char* kDetect = " @ --out-dir ~/out --json ~/r.jsonl --format coco --every-frame";

// Seconds from Ctrl-C to the end. What sanitizers do as a process ends takes longer by itself.
#ifdef YOLOPORT_SANITIZED
constexpr double kAtOnce = 3;
#else
constexpr double kAtOnce = 1;
#endif

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class DetectStreamTest : public DetectProgramTest {
 protected:
  // What a camera of the network sends: pictures, one after the other, without an end.
  std::string MotionJpeg(int frames) const {
    const std::string picture = Contents(MakeImage("frame.jpg"));
    std::string bytes =
        "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n";
    for (int i = 0; i < frames; ++i) {
      bytes += "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: " +
               std::to_string(picture.size()) + "\r\n\r\n" + picture + "\r\n";
    }
    return bytes;
  }
  // A video of 64 x 64 pixels and 25 frames a second, as a file of that name has it.
  std::string Video(const std::string& name, const char* codec, int frames) const {
    const std::string path = (folder_ / name).native();
    cv::VideoWriter writer(path, cv::CAP_FFMPEG,
                           cv::VideoWriter::fourcc(codec[0], codec[1], codec[2], codec[3]), 25,
                           {64, 64});
    for (int i = 0; i < frames; ++i) writer.write(cv::Mat(64, 64, CV_8UC3, cv::Scalar::all(200)));
    writer.release();
    return Contents(path);
  }
  static std::string OverHttp(const std::string& file) {
    return "HTTP/1.0 200 OK\r\nContent-Length: " + std::to_string(file.size()) + "\r\n\r\n" + file;
  }
  Outcome RunOn(const TestServer& server, const std::string& address,
                const std::string& options = {}) const {
    Outcome outcome = Run(address + server.host() + "/live" + kDetect + options);
    Generalize(server, outcome.err);
    return outcome;
  }
  // The port differs from run to run.
  static void Generalize(const TestServer& server, std::string& text) {
    for (std::size_t at; (at = text.find(server.host())) != std::string::npos;) {
      text.replace(at, server.host().size(), "HOST");
    }
  }
  std::int64_t Lines(const std::string& name) const {
    const std::string text = Contents(folder_ / name);
    return std::count(text.begin(), text.end(), '\n');
  }
  // What was found until then is whole: so many lines of JSON, as many frames of the video.
  void ExpectWritten(std::int64_t frames) const {
    EXPECT_EQ(Lines("r.jsonl"), frames);
    EXPECT_THAT(Contents(folder_ / "out/detections.json"), testing::EndsWith("\n]}\n"));
    std::vector<fs::path> videos;
    for (const auto& entry : fs::directory_iterator(folder_ / "out")) {
      if (entry.path().extension() != ".json") videos.push_back(entry.path());
    }
    ASSERT_EQ(videos.size(), 1U);
    EXPECT_EQ(VideoReader(videos[0].native()).info().frames, frames);
  }

  // The program, running while the test goes on.
  class Running {
   public:
    Running(const std::vector<std::string>& arguments, const fs::path& out, const fs::path& err) {
      process_ = ::fork();
      if (process_ != 0) return;
      ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644), STDOUT_FILENO);
      ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644), STDERR_FILENO);
      std::vector<char*> argv;
      for (const std::string& each : arguments) argv.push_back(const_cast<char*>(each.c_str()));
      argv.push_back(nullptr);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ~Running() {
      if (process_ > 0) ::kill(process_, SIGKILL);
      Wait();
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    void Signal(int signal) const { ::kill(process_, signal); }
    int Wait() {
      int status = 0;
      if (process_ <= 0 || ::waitpid(process_, &status, 0) != process_) return -1;
      process_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

   private:
    pid_t process_ = -1;
  };
  // Sends the signal when `frames` are done, and some more time has gone by in silence. Gives the
  // seconds from there to the end.
  double Interrupt(const TestServer& server, const std::string& address, std::int64_t frames,
                   const std::string& message) const {
    fs::remove(folder_ / "r.jsonl");
    Running program(
        {program_, "detect", address, "testdata/detect/brightness.onnx", "--out-dir",
         (folder_ / "out").native(), "--json", "-", "--format", "coco", "--every-frame"},
        folder_ / "r.jsonl", folder_ / "err");
    const auto start = Clock::now();
    const auto is_there = [&] { return server.was_asked() && Lines("r.jsonl") >= frames; };
    while (!is_there() && SecondsSince(start) < 60) ::usleep(10000);
    EXPECT_EQ(Lines("r.jsonl"), frames);
    ::usleep(500000);
    const auto signaled = Clock::now();
    program.Signal(SIGINT);
    EXPECT_EQ(program.Wait(), 130);
    const double seconds = SecondsSince(signaled);
    std::string err = Contents(folder_ / "err");
    Generalize(server, err);
    EXPECT_EQ(err, message);
    return seconds;
  }
};

// Whether one of a few times it takes no longer than that: other work may hold up some of them.
template <typename Seconds>
bool IsAtOnce(const Seconds& seconds) {
  for (int round = 0; round < 5; ++round) {
    if (seconds() < kAtOnce) return true;
  }
  return false;
}

TEST_F(DetectStreamTest, AStreamThatEndsIsSaid) {
  const TestServer server(MotionJpeg(40), Ending::kClose);
  const Outcome outcome = RunOn(server, "http://");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err,
            "error: 'http://HOST/live': ended after 40 frames; the sender stopped, or the "
            "connection broke\n"
            "error: 1 of 1 inputs failed: http://HOST/live\n");
  EXPECT_THAT(outcome.out, HasSubstr("40 objects in 40 frames"));
  ExpectWritten(40);
}

// Whatever is dropped on the way, the last frame is looked at, and the video lasts as long as the
// stream.
TEST_F(DetectStreamTest, TheNewestFrameIsLookedAt) {
  const TestServer server(MotionJpeg(40), Ending::kClose);
  const Outcome outcome =
      Run("http://" + server.host() + "/live @ --out-dir ~/out --json ~/r.jsonl");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("ended after 40 frames"));
  const std::string lines = Contents(folder_ / "r.jsonl");
  EXPECT_THAT(lines.substr(lines.rfind("{\"image\"")), HasSubstr("\"frame\":39,"));
  const std::int64_t looked_at = Lines("r.jsonl");
  std::string said = " in " + std::to_string(looked_at) + " frame" + (looked_at == 1 ? "" : "s");
  if (looked_at < 40) {
    said += " (" + std::to_string(40 - looked_at) + " more dropped for newer ones)";
  }
  EXPECT_THAT(outcome.out, HasSubstr(said + "\n"));
  for (const auto& entry : fs::directory_iterator(folder_ / "out")) {
    EXPECT_EQ(VideoReader(entry.path().native()).info().frames, 40);
  }
}

TEST_F(DetectStreamTest, AStreamThatIsResetIsSaid) {
  const TestServer server(Video("a.ts", "mpg1", 60), Ending::kReset);
  const Outcome outcome = RunOn(server, "tcp://");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err,
            "error: 'tcp://HOST/live': ended after 60 frames; the sender stopped, or the "
            "connection broke\n"
            "error: 1 of 1 inputs failed: tcp://HOST/live\n");
  ExpectWritten(60);
}

TEST_F(DetectStreamTest, AStreamThatFallsSilentIsSaid) {
  const TestServer server(MotionJpeg(40), Ending::kSilence);
  const auto start = Clock::now();
  const Outcome outcome = RunOn(server, "http://", " --timeout 1.5");
  EXPECT_GE(SecondsSince(start), 1.5);
  EXPECT_LT(SecondsSince(start), 10);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err,
            "error: 'http://HOST/live': sent no frame for 1.5 s, after 40 frames\n"
            "hint: a larger --timeout waits longer\n"
            "error: 1 of 1 inputs failed: http://HOST/live\n");
  ExpectWritten(40);
}

TEST_F(DetectStreamTest, AServerThatSaysNothingIsSaid) {
  const TestServer server("", Ending::kSilence);
  const auto start = Clock::now();
  const Outcome outcome = RunOn(server, "http://", " --timeout 0.5");
  EXPECT_LT(SecondsSince(start), 10);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err,
            "error: 'http://HOST/live': cannot be opened: no frame came within 0.5 s\n"
            "hint: a larger --timeout waits longer\n"
            "error: 1 of 1 inputs failed: http://HOST/live\n");
}

TEST_F(DetectStreamTest, OtherInputsAreDoneAfterAStreamThatBreaks) {
  const TestServer server(MotionJpeg(5), Ending::kReset);
  MakeImage("b.png");
  const Outcome outcome =
      Run("http://" + server.host() + "/live ~/b.png @ --no-save --every-frame");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("1 image, 5 frames, 6 objects in "));
}

// A file comes to its end by an address, too.
TEST_F(DetectStreamTest, AFileByAnAddressEndsWhereItSays) {
  const std::string file = OverHttp(Video("a.avi", "MJPG", 30));
  const TestServer whole(file, Ending::kClose);
  const Outcome outcome = Run("http://" + whole.host() + "/a.avi?x=.ts" + kDetect);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.code, 0);
  ExpectWritten(30);
  fs::remove_all(folder_ / "out");
  const TestServer half(file.substr(0, file.size() / 2), Ending::kReset);
  Outcome broken = Run("http://" + half.host() + "/a.avi" + kDetect);
  Generalize(half, broken.err);
  EXPECT_EQ(broken.code, 1);
  const std::string frames = std::to_string(Lines("r.jsonl"));
  EXPECT_EQ(broken.err, "error: 'http://HOST/a.avi': ends after " + frames +
                            " of 30 frames; the sender stopped, or the connection broke\n"
                            "error: 1 of 1 inputs failed: http://HOST/a.avi\n");
}

TEST_F(DetectStreamTest, AnInterruptionEndsTheSilence) {
  EXPECT_TRUE(IsAtOnce([&] {
    const TestServer server(MotionJpeg(40), Ending::kSilence);
    return Interrupt(server, "http://" + server.host() + "/live", 40,
                     "error: interrupted at input 1 of 1; what was written is whole\n");
  }));
  ExpectWritten(40);
}

TEST_F(DetectStreamTest, AnInterruptionEndsTheOpening) {
  EXPECT_TRUE(IsAtOnce([&] {
    const TestServer server("", Ending::kSilence);
    return Interrupt(server, "http://" + server.host() + "/live", 0,
                     "error: interrupted at input 0 of 1; what was written is whole\n");
  }));
}

// Nobody reads the results any more, and the stream is silent.
TEST_F(DetectStreamTest, AClosedPipeEndsTheSilence) {
  const TestServer server(MotionJpeg(40), Ending::kSilence);
  const auto start = Clock::now();
  const Outcome outcome =
      Run("http://" + server.host() + "/live @ --no-save --json - --timeout 60 | head -n 1");
  EXPECT_LT(SecondsSince(start), 10);
  EXPECT_EQ(outcome.err, "");
}

TEST_F(DetectStreamTest, TheTimeoutHasBounds) {
  for (const char* value : {"0", "0.09", "86401", "nan", "-1"}) {
    const Outcome outcome = Run(std::string("0 @ --timeout ") + value);
    EXPECT_EQ(outcome.err, "error: --timeout must be from 0.1 to 86400 seconds\n") << value;
    EXPECT_EQ(outcome.code, 2);
  }
}

}  // namespace
}  // namespace yoloport::tool
