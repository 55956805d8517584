// The functions a config may call: those of Python that turn data into data.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "config/python/value.h"

namespace yoloport::config::python {

// What a call passes.
struct Arguments {
  std::vector<Value> values;
  std::vector<std::pair<Value, Value>> keywords;  // name (a string), value
  Position at;                                    // of the call

  // The value of a keyword, or nullptr.
  const Value* Keyword(std::string_view name) const;
};

bool IsBuiltin(std::string_view name);

// Calls the builtin `name`; an error when there is none or the arguments do not fit.
Value CallBuiltin(Heap& heap, std::string_view name, const Arguments& arguments);

// Calls a method of a dict, list, tuple or string.
Value CallMethod(Heap& heap, const Value& object, std::string_view name,
                 const Arguments& arguments);

// Methods of strings, which CallMethod uses.
bool IsStringMethod(std::string_view name);
Value CallStringMethod(Heap& heap, const Value& object, std::string_view name,
                       const Arguments& arguments);

// Whether a method of this name leaves its list or dict as it is.
bool IsReadingMethod(std::string_view name);

// copy.deepcopy(): what is shared within `value` is shared within its copy.
Value DeepCopy(Heap& heap, const Value& value, Position at);

// A function of a module (math, os.path, copy) or its constant, by dotted name; nullopt where it is
// not one that is computed. Throws as CallBuiltin() does.
std::optional<Value> CallModuleFunction(Heap& heap, std::string_view name,
                                        const Arguments& arguments);
std::optional<Value> ModuleConstant(std::string_view name, Position at);
bool IsModuleFunction(std::string_view name);
bool LeadsToModuleFunction(std::string_view name);  // itself, or "os.path" to os.path.join

// Whether Python has a method of this name for a list, dict, tuple or str.
bool IsMethod(const Value& object, std::string_view name);

// Whether a ConfigDict has a method of this name: it hides a key of the same name from attribute
// access.
bool IsDictMethod(std::string_view name);

// Adds the entries of a dict, or of an iterable of pairs.
void AddEntries(Heap& heap, Mapping& into, const Value& from, Position at);

// Refuses a number of positional arguments outside [least, most], and keywords that are not in
// `known`.
void CheckArguments(Heap& heap, std::string_view name, const Arguments& arguments,
                    std::size_t least, std::size_t most,
                    std::initializer_list<std::string_view> known = {});

// `f(a=1, a=2)`, also by way of `**`.
void RefuseRepeatedKeywords(Heap& heap, const Arguments& arguments);

// What a ConfigDict makes of a value that is stored in it: plain dicts become ConfigDicts, lists
// and tuples are copied, ConfigDicts stay shared.
Value Hook(Heap& heap, const Value& value, int depth = 0);

// ConfigDict.update: dicts on both sides are merged, all else is replaced.
void UpdateConfigDict(Heap& heap, const Value& target, const Value& source, Position at,
                      int depth = 0);

// target[key] = value, as a dict or as a ConfigDict does it.
void StoreItem(Heap& heap, const Value& target, const Value& key, const Value& value, Position at);

}  // namespace yoloport::config::python
