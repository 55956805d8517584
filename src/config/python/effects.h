// What code does that is read and not run.
#pragma once

#include <set>
#include <string_view>
#include <vector>

#include "config/python/ast.h"

namespace yoloport::config::python {

// Names of the module by which a piece of code does what it does, whichever way it takes.
//
// Rules it goes by, which Python does not enforce and configs keep: an operator, a comparison and a
// format change none of their operands; a function gets at the objects of a config by its arguments
// and by the names in its body alone - not by way of frames or of sys.modules - and no module
// replaces what math, os.path, copy or the builtins give. What may bind every name of the config
// - exec() and the like, `from MODULE import *` - binds none of IsLastingBuiltin().
struct Effects {
  std::set<std::string_view> mentioned;      // what it reads
  std::set<std::string_view> touched;        // what may change, or be kept by code that is not run
  std::set<std::string_view> parts_touched;  // whose elements may, and not it itself
  std::set<std::string_view> bound;          // what may get another value, or none
  std::set<std::string_view> defined;        // of `bound`: by an import or a definition only
  std::set<std::string_view> bound_later;    // by functions that it defines
  std::set<std::string_view> builtins;       // what is taken for harmless unless it was replaced
  std::set<std::string_view> reaching;       // builtins by which it reaches all names of the config
  std::size_t cost = 0;                      // steps that it took to find out
  bool leaves_loop = false;                  // by break or continue
  bool defines = false;                      // functions, which may be called later
};

Effects EffectsOf(const Expression& expression);
Effects EffectsOf(const std::vector<Statement>& statements);
Effects EffectsOf(const Statement& statement);

// What a call of a function does: one of kFunction.
Effects EffectsOfBody(const Statement& function);
Effects EffectsOfBody(const Expression& lambda);

}  // namespace yoloport::config::python
