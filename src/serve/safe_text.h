// Names and texts of an exported file, which may be any bytes, made fit for other programs' files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yoloport::serve {

// Letters, digits, _, - and ., not beginning with . or -, at most 100 bytes: for folders and model
// names.
bool IsPlainName(std::string_view name);
std::string PlainName(std::string_view name);

// A label of DNS as Kubernetes wants it: lower-case letters, digits and -, beginning with a letter,
// ending with no -, at most 50 bytes.
bool IsDnsName(std::string_view name);
std::string DnsName(std::string_view name);

// A line of a file with one label a line: no control characters, no ; (which some readers take for
// the end of a label), never empty, UTF-8. What does not go becomes a space, and then "class_N".
std::string LabelLine(std::string_view label, std::size_t number);

// The lines of all labels.
std::string LabelLines(const std::vector<std::string>& labels);

// `text` in double quotes, as JSON, YAML and protobuf's text format all read it: printable ASCII
// only.
std::string QuotedText(std::string_view text);

// `text` on one line of printable ASCII: what does not go becomes "?".
std::string PlainText(std::string_view text);

}  // namespace yoloport::serve
