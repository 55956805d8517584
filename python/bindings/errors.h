// yoloport's exceptions in Python.
#pragma once

#include <nanobind/nanobind.h>

namespace yoloport::python {

// From now on each yoloport::Error of this module becomes the class of its name in yoloport.errors,
// with its message and hint.
void TranslateErrors();

}  // namespace yoloport::python
