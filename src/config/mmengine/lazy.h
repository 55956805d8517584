// MMEngine's lazy configs: `with read_base(): from .base import *`, and imported classes as values.
#pragma once

#include <set>
#include <string_view>
#include <vector>

#include "config/python/ast.h"

namespace yoloport::config::mmengine {

// What MMEngine takes for a lazy config: one that imports anything that is not Python's own, before
// it says `_base_ = `.
bool IsLazy(const python::Module& module);

// The imports in `with read_base():`, or nothing.
const python::Statement* FindReadBase(const python::Module& module);

// Names that a lazy config imports other than from its bases. They are no keys of a config.
std::set<std::string_view> ImportedNames(const python::Module& module,
                                         const std::set<std::string_view>& bases);

}  // namespace yoloport::config::mmengine
