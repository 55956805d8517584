// Python's operators on values.
#pragma once

#include <optional>
#include <vector>

#include "config/python/ast.h"
#include "config/python/value.h"

namespace yoloport::config::python {

// left op right. Ints are 64 bits: what does not fit is an error, as are types that do not go
// together. Errors are shown at `at`.
Value Binary(Heap& heap, Op op, const Value& left, const Value& right, Position at);

Value Unary(Heap& heap, Op op, const Value& operand, Position at);

bool Compare(Heap& heap, Op op, const Value& left, const Value& right, Position at);

// Python's ==: numbers by value, containers by content.
bool Equal(Heap& heap, const Value& a, const Value& b, Position at);

// What `in`, count(), index() and remove() ask: not-a-number is equal to itself, which is refused
// because values do not say which object they are.
bool SameOrEqual(Heap& heap, const Value& a, const Value& b, Position at);

// container[index]; a missing key or an index out of range is an error.
Value Subscript(Heap& heap, const Value& container, const Value& index, Position at);

// container[start:stop:step]; None stands for a missing part.
Value Slice(Heap& heap, const Value& container, const Value& start, const Value& stop,
            const Value& step, Position at);

// A list index, negative ones counted from the end; an error unless it is an int in range.
std::size_t ListIndex(Heap& heap, const Value& index, std::size_t size, Position at);

}  // namespace yoloport::config::python
