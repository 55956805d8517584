#include "errors.h"

#include <nanobind/stl/string.h>

#include "yoloport/error.h"

namespace nb = nanobind;

namespace yoloport::python {
namespace {

const char* ClassName(const Error& error) {
  if (dynamic_cast<const ConfigError*>(&error) != nullptr) return "ConfigError";
  if (dynamic_cast<const CheckpointError*>(&error) != nullptr) return "CheckpointError";
  if (dynamic_cast<const ModelError*>(&error) != nullptr) return "ModelError";
  if (dynamic_cast<const RuntimeError*>(&error) != nullptr) return "RuntimeError";
  if (dynamic_cast<const ImageError*>(&error) != nullptr) return "ImageError";
  if (dynamic_cast<const FileError*>(&error) != nullptr) return "FileError";
  if (dynamic_cast<const UsageError*>(&error) != nullptr) return "UsageError";
  return "Error";
}

// Names in messages may be of any bytes.
nb::object Text(const std::string& text) {
  return nb::steal(
      PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
}

}  // namespace

nb::object ToPython(const Error& error) {
  const nb::object translate = nb::module_::import_("yoloport.errors").attr("_from_library");
  return translate(ClassName(error), Text(error.message()), Text(error.hint()));
}

std::vector<std::string> Spoken(const std::vector<std::string>& texts) {
  const nb::object in_python = nb::module_::import_("yoloport._speech").attr("in_python");
  std::vector<std::string> spoken;
  for (const std::string& text : texts) {
    spoken.push_back(nb::cast<std::string>(in_python(Text(text))));
  }
  return spoken;
}

void TranslateErrors() {
  nb::register_exception_translator([](const std::exception_ptr& pointer, void*) {
    try {
      std::rethrow_exception(pointer);
    } catch (const Error& error) {
      const nb::object exception = ToPython(error);
      PyErr_SetObject(exception.type().ptr(), exception.ptr());
    }
  });
}

}  // namespace yoloport::python
