// Tokens to a syntax tree: the part of Python that describes data.
#pragma once

#include "config/python/ast.h"
#include "config/python/template_text.h"

namespace yoloport::config::python {

// Parses a whole config. What is Python but does not describe data (def, class, lambda, with,
// while, try ...) is refused with a hint, as is nesting past kMaxSyntaxDepth. Throws ConfigError.
// `text` must outlive the module.
Module ParseModule(Heap& heap, const TemplateText& text);

// Parses JSON: one value. Throws ConfigError for what Python's json module refuses.
Module ParseJson(Heap& heap, const TemplateText& text);

}  // namespace yoloport::config::python
