// The part of ExpressionParser that reads strings: joined literals, f-strings, {{ _base_.x }}.
#include "base/text.h"
#include "config/python/expression_parser.h"

namespace yoloport::config::python {
namespace {

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Where the expression of an f-string's field ends: at the first ':', '!' or '}' outside of
// brackets and quotes. `!=` does not end it.
std::size_t FieldExpressionEnd(std::string_view text) {
  int open = 0;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(' || c == '[' || c == '{') {
      ++open;
    } else if (open > 0 && (c == ')' || c == ']' || c == '}')) {
      --open;
    } else if (c == '#' ||  // Python refuses a comment here, and so does the caller
               (open == 0 && (c == '}' || c == ':' || (c == '!' && text.substr(i, 2) != "!=")))) {
      return i;
    }
  }
  return text.size();
}

// f'{x=}' shows the text of x, too.
bool IsSelfShowing(std::string_view inner) {
  if (!inner.ends_with('=') || inner.size() < 2) return false;
  return std::string_view("=!<>").find(inner[inner.size() - 2]) == std::string_view::npos;
}

}  // namespace

// One literal or several in a row, which Python joins.
const Expression* ExpressionParser::ReadStrings() {
  const Position at = Here();
  Children children;
  std::string plain;
  bool is_format = false;
  bool is_bytes = false;
  const auto flush = [&] {
    if (!plain.empty()) children.push_back(MakeString(std::move(plain), at));
    plain.clear();
  };
  for (; current().token == Token::kString; Advance()) {
    const StringParts parts = TakeApart(current().text);
    is_bytes |= parts.bytes;
    const std::size_t offset = current().offset + parts.begin;
    if (parts.format) {
      flush();
      is_format = true;
      ReadFormat(current(), parts, children);
    } else if (parts.raw || parts.bytes) {
      plain += parts.content;
    } else {
      plain += Unescape(heap_.sources(), text_, offset, parts.content);
    }
    heap_.CheckStringSize(plain.size(), at);
  }
  if (is_bytes) {
    Expression& made = Make(Syntax::kConstant, at, {});
    made.constant = heap_.MakeUnknown("bytes", at);
    return &made;
  }
  if (!is_format) return ReferenceOrString(std::move(plain), at);
  flush();
  return &Make(Syntax::kJoinedString, at, std::move(children));
}

// MMEngine replaces {{ _base_.x }} by a value where it stands alone; it does so within quotes here,
// because people write it so.
const Expression* ExpressionParser::ReferenceOrString(std::string value, Position at) {
  const std::size_t begin = value.find("{{");
  if (begin == std::string::npos) return MakeString(std::move(value), at);
  const auto reference = MatchBaseReference(std::string_view(value).substr(begin));
  if (!reference) return MakeString(std::move(value), at);
  if (reference->length != value.size()) {
    Fail(at, "{{ _base_.NAME }} within a longer string",
         "let it stand alone, or write an f-string with {_base_.NAME}");
  }
  Expression& made = Make(Syntax::kBaseReference, at, {});
  made.constant = heap_.String(std::string(reference->name), at);
  made.name = made.constant.text();  // the heap outlives the tree
  return &made;
}

void ExpressionParser::ReadFormat(const Lexeme& lexeme, const StringParts& parts,
                                  Children& children) {
  const std::string_view content = parts.content;
  const std::size_t offset = lexeme.offset + parts.begin;
  std::string plain;
  std::size_t at = 0;
  const auto append = [&](std::string_view piece, std::size_t from) {
    plain +=
        parts.raw ? std::string(piece) : Unescape(heap_.sources(), text_, offset + from, piece);
  };
  while (at < content.size()) {
    const std::size_t brace = std::min(content.find_first_of("{}", at), content.size());
    append(content.substr(at, brace - at), at);
    at = brace;
    if (at == content.size()) break;
    if (content.substr(at, 2) == "{{" || content.substr(at, 2) == "}}") {
      plain += content[at];
      at += 2;
      continue;
    }
    if (content[at] == '}') Fail(text_.At(offset + at), "a '}' without a '{' in an f-string");
    children.push_back(MakeString(std::move(plain), text_.At(offset)));
    plain.clear();
    at += 1 + ReadFormatField(offset + at + 1, content.substr(at + 1), children);
  }
  children.push_back(MakeString(std::move(plain), text_.At(offset)));
}

// {expression!r:spec}, from after its brace; returns the length with the closing brace.
std::size_t ExpressionParser::ReadFormatField(std::size_t offset, std::string_view rest,
                                              Children& children) {
  const Position at = text_.At(offset);
  std::size_t end = FieldExpressionEnd(rest);
  std::string_view inner = rest.substr(0, end);
  if (Trimmed(inner).empty()) Fail(at, "an empty field in an f-string");
  if (inner.find('\\') != std::string_view::npos) Fail(at, "a backslash in an f-string's field");
  const bool shows_itself = IsSelfShowing(Trimmed(inner));
  if (shows_itself) inner = inner.substr(0, inner.rfind('='));
  const DepthGuard guard(*this);
  ExpressionParser parser(
      heap_, text_, Tokenize(heap_.sources(), text_, offset, offset + inner.size(), true), module_);
  parser.depth_ = depth_;
  const Expression* value = parser.ReadExpressionList();
  if (!parser.AtEnd()) parser.FailExpected("the end of the field");
  Expression& made = Make(Syntax::kFormatted, at, {value});
  if (shows_itself) made.op = Op::kIs;  // which is not evaluated
  if (end < rest.size() && rest[end] == '!') {
    made.conversion = end + 1 < rest.size() ? rest[end + 1] : '\0';
    if (made.conversion == 'a') made.op = Op::kIs;
    if (made.conversion != 'r' && made.conversion != 's' && made.conversion != 'a') {
      Fail(text_.At(offset + end), "after '!' an f-string's field needs r, s or a");
    }
    end += 2;
  }
  if (end < rest.size() && rest[end] == ':') {
    std::size_t close = std::min(rest.find_first_of("{}", end), rest.size());
    made.name = rest.substr(end + 1, close - end - 1);
    while (close < rest.size() && rest[close] == '{') {  // a format that is made of fields
      Children fields;
      close += 1 + ReadFormatField(offset + close + 1, rest.substr(close + 1), fields);
      made.children.insert(made.children.end(), fields.begin(), fields.end());
      made.op = Op::kIs;
      close = std::min(rest.find_first_of("{}", close), rest.size());
    }
    end = close;
  }
  if (end >= rest.size() || rest[end] != '}') {
    Fail(at, "this field of an f-string is not closed");
  }
  children.push_back(&made);
  return end + 1;
}

}  // namespace yoloport::config::python
