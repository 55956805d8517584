#include "config/python/operators.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "base/text.h"
#include "config/python/limits.h"
#include "config/python/python_text.h"

namespace yoloport::config::python {
namespace {

std::string_view Symbol(Op op) {
  switch (op) {
    case Op::kAdd:
      return "+";
    case Op::kSubtract:
      return "-";
    case Op::kMultiply:
      return "*";
    case Op::kDivide:
      return "/";
    case Op::kFloorDivide:
      return "//";
    case Op::kModulo:
      return "%";
    case Op::kPower:
      return "**";
    case Op::kShiftLeft:
      return "<<";
    case Op::kShiftRight:
      return ">>";
    case Op::kBitAnd:
      return "&";
    case Op::kBitOr:
      return "|";
    case Op::kBitXor:
      return "^";
    case Op::kMatrixMultiply:
      return "@";
    default:
      return "?";
  }
}

class Arithmetic {
 public:
  Arithmetic(Heap& heap, Op op, Position at) : heap_(heap), op_(op), at_(at) {}

  Value Integers(std::int64_t a, std::int64_t b) const {
    std::int64_t result = 0;
    bool overflow = false;
    switch (op_) {
      case Op::kAdd:
        overflow = __builtin_add_overflow(a, b, &result);
        break;
      case Op::kSubtract:
        overflow = __builtin_sub_overflow(a, b, &result);
        break;
      case Op::kMultiply:
        overflow = __builtin_mul_overflow(a, b, &result);
        break;
      case Op::kFloorDivide:
      case Op::kModulo:
        return Divided(a, b);
      case Op::kPower:
        if (b < 0) return Reals(static_cast<double>(a), static_cast<double>(b));
        overflow = !Power(a, b, result);
        break;
      case Op::kShiftLeft:
      case Op::kShiftRight:
        return Shifted(a, b);
      case Op::kBitAnd:
        return Value::Int(a & b, at_);
      case Op::kBitOr:
        return Value::Int(a | b, at_);
      case Op::kBitXor:
        return Value::Int(a ^ b, at_);
      case Op::kDivide:
        RequireDivisor(b != 0);
        return Value::Double(Quotient(a, b), at_);
      default:
        return Reals(static_cast<double>(a), static_cast<double>(b));
    }
    if (overflow) TooLarge();
    return Value::Int(result, at_);
  }

  Value Reals(double a, double b) const {
    switch (op_) {
      case Op::kAdd:
        return Value::Double(a + b, at_);
      case Op::kSubtract:
        return Value::Double(a - b, at_);
      case Op::kMultiply:
        return Value::Double(a * b, at_);
      case Op::kDivide:
        RequireDivisor(b != 0);
        return Value::Double(a / b, at_);
      case Op::kFloorDivide:
        RequireDivisor(b != 0);
        return Value::Double(FloorQuotient(a, b), at_);
      case Op::kModulo:
        RequireDivisor(b != 0);
        return Value::Double(Modulo(a, b), at_);
      default:
        return RealPower(a, b);
    }
  }

 private:
  [[noreturn]] void TooLarge() const { heap_.GiveUp(at_, "the result does not fit 64 bits"); }

  void RequireDivisor(bool is_there) const {
    if (!is_there) heap_.Fail(at_, "a division by zero");
  }

  // a / b, rounded once: past 53 bits the ints themselves do not fit a double.
  static double Quotient(std::int64_t a, std::int64_t b) {
    constexpr std::int64_t kExact = std::int64_t{1} << 53;
    const auto fits = [](std::int64_t value) { return value >= -kExact && value <= kExact; };
    if (fits(a) && fits(b)) return static_cast<double>(a) / static_cast<double>(b);
    const auto magnitude = [](std::int64_t value) {
      const auto bits = static_cast<std::uint64_t>(value);
      return value < 0 ? 0 - bits : bits;
    };
    if (a == 0) return 0;
    // 63 bits or more of the quotient, the last of which says whether there are more.
    const int zeros = std::countl_zero(magnitude(a));
    const auto dividend = static_cast<unsigned __int128>(magnitude(a) << zeros) << 63;
    const unsigned __int128 quotient = dividend / magnitude(b);
    const bool is_inexact = dividend % magnitude(b) != 0;
    const auto rounded = static_cast<double>(quotient | (is_inexact ? 1U : 0U));
    const double result = std::ldexp(rounded, -(63 + zeros));
    return (a < 0) != (b < 0) ? -result : result;
  }

  // The remainder has the sign of the divisor.
  static double Modulo(double a, double b) {
    const double rest = std::fmod(a, b);
    if (rest == 0) return std::copysign(0.0, b);
    return (rest < 0) != (b < 0) ? rest + b : rest;
  }

  // As Python computes it, to the last bit and the sign of a zero.
  static double FloorQuotient(double a, double b) {
    const double rest = std::fmod(a, b);
    double quotient = (a - rest) / b;
    if (rest != 0 && (rest < 0) != (b < 0)) quotient -= 1;
    if (quotient == 0) return std::copysign(0.0, a / b);
    const double whole = std::floor(quotient);
    return quotient - whole > 0.5 ? whole + 1 : whole;
  }

  Value Divided(std::int64_t a, std::int64_t b) const {
    RequireDivisor(b != 0);
    if (b == -1) {  // the one quotient that overflows, INT64_MIN / -1
      std::int64_t negated = 0;
      if (op_ == Op::kModulo) return Value::Int(0, at_);
      if (__builtin_sub_overflow(std::int64_t{0}, a, &negated)) TooLarge();
      return Value::Int(negated, at_);
    }
    const std::int64_t quotient = a / b;
    const std::int64_t rest = a % b;
    const bool round_down = rest != 0 && (rest < 0) != (b < 0);
    if (op_ == Op::kModulo) return Value::Int(round_down ? rest + b : rest, at_);
    return Value::Int(round_down ? quotient - 1 : quotient, at_);
  }

  static bool Power(std::int64_t base, std::int64_t exponent, std::int64_t& result) {
    result = 1;
    if (base == 0 || base == 1) {
      result = exponent == 0 ? 1 : base;
      return true;
    }
    if (base == -1) {
      result = exponent % 2 == 0 ? 1 : -1;
      return true;
    }
    for (; exponent > 0; --exponent) {  // at most 63 rounds: any other base overflows by then
      if (__builtin_mul_overflow(result, base, &result)) return false;
    }
    return true;
  }

  Value RealPower(double a, double b) const {
    if (a == 0 && b < 0) heap_.Fail(at_, "zero to a negative power");
    if (a < 0 && b != std::floor(b)) heap_.GiveUp(at_, "a negative number to a fractional power");
    const double result = std::pow(a, b);
    if (std::isinf(result) && std::isfinite(a) && std::isfinite(b)) {
      heap_.Fail(at_, "the result is too large for a float");
    }
    return Value::Double(result, at_);
  }

  Value Shifted(std::int64_t a, std::int64_t count) const {
    if (count < 0) heap_.Fail(at_, "a negative shift");
    if (op_ == Op::kShiftRight) return Value::Int(a >> std::min<std::int64_t>(count, 63), at_);
    if (a == 0) return Value::Int(0, at_);
    if (count > 62) TooLarge();
    std::int64_t result = 0;
    if (__builtin_mul_overflow(a, std::int64_t{1} << count, &result)) TooLarge();
    return Value::Int(result, at_);
  }

  Heap& heap_;
  Op op_;
  Position at_;
};

Value Repeat(Heap& heap, const Value& what, std::int64_t times, Position at) {
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(times, 0));
  if (what.Is(Kind::kString)) {
    const std::string& unit = what.text();
    if (!unit.empty())
      heap.CheckStringSize(count > kMaxStringBytes ? count : count * unit.size(), at);
    std::string result;
    for (std::size_t i = 0; i < count && !unit.empty(); ++i) result += unit;
    return heap.String(std::move(result), at);
  }
  const std::vector<Value>& unit = what.items();
  std::vector<Value> items;
  if (!unit.empty()) {
    heap.CheckRoom(count > kMaxValues ? count : count * unit.size(), at);
    heap.ChargeSteps(count * unit.size(), at);
    for (std::size_t i = 0; i < count; ++i) items.insert(items.end(), unit.begin(), unit.end());
  }
  return what.Is(Kind::kList) ? heap.List(std::move(items), at) : heap.Tuple(std::move(items), at);
}

Value Joined(Heap& heap, const Value& left, const Value& right, Position at) {
  std::vector<Value> items = left.items();
  items.insert(items.end(), right.items().begin(), right.items().end());
  heap.ChargeSteps(items.size(), at);
  return left.Is(Kind::kList) ? heap.List(std::move(items), at) : heap.Tuple(std::move(items), at);
}

// {**left, **right}
Value United(Heap& heap, const Value& left, const Value& right, Position at) {
  const Value result = heap.Dict(at);
  for (const Value& part : {left, right}) {
    for (const Entry& entry : part.mapping().entries()) {
      heap.Put(result.mapping(), entry.key, entry.value, at);
    }
  }
  return result;
}

}  // namespace

Value Binary(Heap& heap, Op op, const Value& left, const Value& right, Position at) {
  heap.RequireKnown(left);
  heap.RequireKnown(right);
  const Arithmetic arithmetic(heap, op, at);
  const bool is_bitwise = op == Op::kShiftLeft || op == Op::kShiftRight || op == Op::kBitAnd ||
                          op == Op::kBitOr || op == Op::kBitXor;
  const bool are_bools = left.Is(Kind::kBool) && right.Is(Kind::kBool);
  if (left.IsIntegral() && right.IsIntegral() && op != Op::kMatrixMultiply) {
    const Value result = arithmetic.Integers(left.integer(), right.integer());
    const bool stays_bool = op == Op::kBitAnd || op == Op::kBitOr || op == Op::kBitXor;
    return are_bools && stays_bool ? Value::Bool(result.integer() != 0, at) : result;
  }
  if (left.IsNumber() && right.IsNumber() && !is_bitwise && op != Op::kMatrixMultiply) {
    return arithmetic.Reals(left.number(), right.number());
  }
  const auto repeats = [](const Value& what, const Value& times) {
    return (what.IsListOrTuple() || what.Is(Kind::kString)) && times.IsIntegral();
  };
  if (op == Op::kMultiply && repeats(left, right)) return Repeat(heap, left, right.integer(), at);
  if (op == Op::kMultiply && repeats(right, left)) return Repeat(heap, right, left.integer(), at);
  if (op == Op::kAdd && left.kind() == right.kind()) {
    if (left.IsListOrTuple()) return Joined(heap, left, right, at);
    if (left.Is(Kind::kString)) {
      heap.CheckStringSize(left.text().size() + right.text().size(), at);
      return heap.String(left.text() + right.text(), at);
    }
  }
  if (op == Op::kBitOr && left.Is(Kind::kDict) && right.Is(Kind::kDict) &&
      !left.mapping().is_config_dict && !right.mapping().is_config_dict) {
    return United(heap, left, right, at);
  }
  if (op == Op::kModulo && left.Is(Kind::kString)) heap.GiveUp(at, "formatting with %");
  const auto combines = [](const Value& value) {  // what Python may combine, and this does not
    return value.Is(Kind::kSet) || value.Is(Kind::kView) || value.Is(Kind::kDict);
  };
  if (is_bitwise || op == Op::kSubtract) {
    if (combines(left) && combines(right)) heap.GiveUp(at, "an operator on sets or dicts");
  }
  heap.Fail(at, KindText(left.kind()) + " and " + KindText(right.kind()) +
                    " cannot be combined with '" + std::string(Symbol(op)) + "'");
}

Value Unary(Heap& heap, Op op, const Value& operand, Position at) {
  if (op == Op::kNot) return Value::Bool(!IsTrue(heap, operand), at);
  heap.RequireKnown(operand);
  if (op == Op::kInvert && operand.IsIntegral()) return Value::Int(~operand.integer(), at);
  if (op != Op::kInvert && operand.IsNumber()) {
    const bool is_negation = op == Op::kNegate;
    if (operand.Is(Kind::kDouble)) {
      return Value::Double(is_negation ? -operand.number() : operand.number(), at);
    }
    std::int64_t result = operand.integer();
    if (is_negation && __builtin_sub_overflow(std::int64_t{0}, result, &result)) {
      heap.GiveUp(at, "the result does not fit 64 bits");
    }
    return Value::Int(result, at);
  }
  heap.Fail(at, KindText(operand.kind()) + " has no sign");
}

}  // namespace yoloport::config::python
