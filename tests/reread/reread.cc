// Reads an ONNX file and writes it again, for scripts/reread.py.
#include <cstdio>

#include "onnx/read/reader.h"
#include "yoloport/error.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: yoloport_reread FROM.onnx TO.onnx\n");
    return 2;
  }
  try {
    yoloport::onnx::read::WriteOnnx(yoloport::onnx::read::ReadOnnx(argv[1]), argv[2]);
  } catch (const yoloport::Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
  return 0;
}
