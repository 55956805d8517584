// yoloport's exceptions in Python.
#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <vector>

namespace yoloport {
class Error;
}

namespace yoloport::python {

// From now on each yoloport::Error of this module becomes the class of its name in yoloport.errors,
// with its message and hint.
void TranslateErrors();

// The exception that Python gets of an error, with its message and hint in Python's words.
nanobind::object ToPython(const Error& error);

// Notes and warnings in Python's words.
std::vector<std::string> Spoken(const std::vector<std::string>& texts);

}  // namespace yoloport::python
