#include "checkpoint/sniff.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/byte_reader.h"
#include "base/git_lfs.h"
#include "base/text.h"
#include "formats/zip/zip.h"
#include "yoloport/error.h"

namespace yoloport::checkpoint {
namespace {

using namespace std::string_view_literals;

constexpr const char* kNeedCheckpoint = "a checkpoint (.pth of MMYOLO, or .safetensors) is needed";
constexpr const char* kDownloadAgain =
    "the download gave a page instead of the file: check the link and download it again";

// How other formats begin. `at` is where; `what` completes "this is ...".
struct Signature {
  std::size_t at;
  std::string_view bytes;
  const char* what;
  const char* hint;
};

constexpr auto kSignatures = std::to_array<Signature>({
    {257, "ustar"sv, "a tar archive",
     "if it is a checkpoint of torch 0.1, load it with torch and save it again; else unpack it"},
    {0, "\x89PNG\r\n\x1a\n"sv, "a PNG image", kNeedCheckpoint},
    {0, "\xff\xd8\xff"sv, "a JPEG image", kNeedCheckpoint},
    {0, "GIF8"sv, "a GIF image", kNeedCheckpoint},
    {0, "RIFF"sv, "a RIFF file (an image, a video or a sound)", kNeedCheckpoint},
    {4, "ftyp"sv, "an MP4 video", kNeedCheckpoint},
    {0, "%PDF-"sv, "a PDF document", kNeedCheckpoint},
    {0, "\x1f\x8b"sv, "compressed by gzip", "unpack it first"},
    {0, "BZh"sv, "compressed by bzip2", "unpack it first"},
    {0,
     "\xfd"
     "7zXZ"sv,
     "compressed by xz", "unpack it first"},
    {0, "\x28\xb5\x2f\xfd"sv, "compressed by zstd", "unpack it first"},
    {0, "7z\xbc\xaf\x27\x1c"sv, "a 7z archive", "unpack it first"},
    {0, "Rar!"sv, "a RAR archive", "unpack it first"},
    {0, "\x89HDF\r\n\x1a\n"sv, "an HDF5 file (Keras weights?)", kNeedCheckpoint},
    {0, "\x93NUMPY"sv, "a numpy array", kNeedCheckpoint},
    {0, "GGUF"sv, "a GGUF model", kNeedCheckpoint},
    {4, "TFL3"sv, "a TensorFlow Lite model", kNeedCheckpoint},
    {0,
     "\x7f"
     "ELF"sv,
     "a program or library", kNeedCheckpoint},
    {0, "ptrt"sv, "a TensorRT engine", kNeedCheckpoint},
    {0, "ftrt"sv, "a TensorRT engine", kNeedCheckpoint},
    {0, "L119547037146038801333356L"sv, "torch's legacy format with pickle protocol 0",
     "load it with torch and save it again"},
});

[[noreturn]] void Fail(const std::string& what, const char* hint) {
  throw CheckpointError(what, hint);
}

bool StartsWithIgnoringCase(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() &&
         std::equal(lower.begin(), lower.end(), text.begin(),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
}

// An ONNX file is a protobuf message: field 1, the IR version, then usually the producer's name.
bool LooksLikeOnnx(std::string_view text) {
  constexpr char kMaxVersion = 32;
  return text.size() > 3 && text[0] == 0x08 && text[1] > 0 && text[1] < kMaxVersion &&
         (text[2] == 0x12 || text[2] == 0x3a || text[2] == 0x42);
}

bool LooksLikeText(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0x7F || (byte < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f');
  });
}

bool LooksLikeSafetensors(std::span<const std::byte> file) {
  base::ByteReader reader(file);
  std::uint64_t length = 0;
  char first = 0;
  constexpr std::uint64_t kImpossible = std::uint64_t{1} << 40;  // text gives larger numbers
  return reader.Read(length) && reader.Read(first) && first == '{' && length < kImpossible;
}

void RefuseText(std::string_view text) {
  constexpr std::size_t kLooked = 4096;
  std::string_view begin = text.substr(0, kLooked);
  if (begin.starts_with("\xef\xbb\xbf")) begin.remove_prefix(3);
  begin.remove_prefix(std::min(begin.find_first_not_of(" \t\r\n"), begin.size()));
  const bool page = StartsWithIgnoringCase(begin, "<!doctype") ||
                    StartsWithIgnoringCase(begin, "<html") ||
                    StartsWithIgnoringCase(begin, "<?xml") || StartsWithIgnoringCase(begin, "<!--");
  if (page) Fail("this is a web page, not weights", kDownloadAgain);
  if (!LooksLikeText(begin)) return;
  if (begin.starts_with('{') || begin.starts_with('[')) {
    Fail("this is a JSON text, not weights", kDownloadAgain);
  }
  if (begin.starts_with('<')) Fail("this is a web page, not weights", kDownloadAgain);
  Fail("this is a text file, not weights: it begins with " + base::Quote(begin, 40),
       "is it the config? the checkpoint is the .pth file");
}

}  // namespace

FileFormat SniffFormat(std::span<const std::byte> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  constexpr std::string_view kZip = "PK\x03\x04";
  if (text.empty()) Fail("the file is empty", "download or copy it again");
  if (text.starts_with(kZip.substr(0, std::min(kZip.size(), text.size()))) ||
      text.starts_with("PK\x05\x06")) {
    return FileFormat::kTorchZip;
  }
  // Before the pickle, which begins with byte 0x80: the length of a header may do so, too.
  if (LooksLikeSafetensors(file)) return FileFormat::kSafetensors;
  if (text[0] == '\x80') return FileFormat::kTorchLegacy;
  if (base::IsGitLfsPointer(text)) {
    Fail("this is a git-lfs pointer, not the file it points to",
         "run `git lfs pull` in the repository");
  }
  for (const Signature& signature : kSignatures) {
    if (text.size() > signature.at && text.substr(signature.at).starts_with(signature.bytes)) {
      Fail(std::string("this is ") + signature.what, signature.hint);
    }
  }
  if (LooksLikeOnnx(text)) {
    Fail("this is an ONNX model",
         "it needs no export; to export again, give the checkpoint (.pth) it was made from");
  }
  // The archive's reader says how many bytes precede it.
  if (formats::zip::EndsAsZip(file)) return FileFormat::kTorchZip;
  RefuseText(text);
  Fail("this is no format that yoloport knows: it begins with the bytes " + base::Quote(text, 8),
       kNeedCheckpoint);
}

}  // namespace yoloport::checkpoint
