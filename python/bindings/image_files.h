// Image files for Python: JPEG is decoded here, other formats by a function of Python's.
#pragma once

#include <nanobind/nanobind.h>

#include <filesystem>

#include "yoloport/image.h"

namespace yoloport::python {

// What decodes other formats: called with the file's name, its bytes, the name of its format and
// whether it is to be turned as EXIF says; gives an array.
using Decoder = nanobind::object;

// Reads a file. Called without the GIL. Throws what ReadImage() and the decoder throw.
Image ReadFile(const std::filesystem::path& path, Orientation orientation, const Decoder& decoder);

void BindImageFiles(nanobind::module_& module);

}  // namespace yoloport::python
