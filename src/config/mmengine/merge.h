// Inheritance between configs, as MMEngine defines it.
#pragma once

#include <string>

#include "config/python/value.h"

namespace yoloport::config::mmengine {

// A deep copy into `heap` in which nothing is shared: containers that were one object become
// several. Dicts become ConfigDicts.
python::Value CopyTree(python::Heap& heap, const python::Value& value);

// CopyTree for what a base of another package gives (MMEngine's scope): the outermost dicts that
// have a `type` get `_scope_` = `scope` where they have none. With an empty scope nothing is added.
python::Value CopyWithScope(python::Heap& heap, const python::Value& value,
                            const std::string& scope);

enum class ListKeys { kRefused, kAllowed };

// `child` over `base`, both dicts. Where both have a dict under a key they are merged, unless the
// child's says `_delete_=True`; all else is replaced. With ListKeys::kAllowed a dict with keys like
// '0' changes elements of the base's list. Neither argument is changed; the result shares with
// both. Throws ConfigError where a dict meets something that is none.
python::Value Merge(python::Heap& heap, const python::Value& child, const python::Value& base,
                    ListKeys list_keys);

}  // namespace yoloport::config::mmengine
