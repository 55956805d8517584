#include "serve/safe_text.h"

#include <algorithm>

#include "base/text.h"
#include "base/utf8.h"

namespace yoloport::serve {
namespace {

constexpr std::size_t kPlainBytes = 100;
constexpr std::size_t kDnsBytes = 50;

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsPlain(char c) { return IsAlphanumeric(c) || c == '_' || c == '-' || c == '.'; }

bool IsDns(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }

}  // namespace

bool IsPlainName(std::string_view name) {
  return !name.empty() && name.size() <= kPlainBytes &&
         std::all_of(name.begin(), name.end(), IsPlain) && name.front() != '.' &&
         name.front() != '-';
}

std::string PlainName(std::string_view name) {
  std::string plain(name.substr(0, kPlainBytes));
  for (char& c : plain) {
    if (!IsPlain(c)) c = '_';
  }
  if (!plain.empty() && (plain.front() == '.' || plain.front() == '-')) plain.front() = '_';
  return plain.empty() ? "model" : plain;
}

bool IsDnsName(std::string_view name) {
  return !name.empty() && name.size() <= kDnsBytes &&
         std::all_of(name.begin(), name.end(), IsDns) && name.front() >= 'a' && name.back() != '-';
}

std::string DnsName(std::string_view name) {
  std::string dns;
  for (const char c : base::AsciiLower(name)) {
    const char next = IsDns(c) ? c : '-';
    if (next == '-' && (dns.empty() || dns.back() == '-')) continue;
    dns += next;
    if (dns.size() == kDnsBytes) break;
  }
  while (!dns.empty() && dns.back() == '-') dns.pop_back();
  if (!dns.empty() && dns.front() < 'a') {
    dns = std::string("m-").append(dns, 0, kDnsBytes - 2);
    while (dns.back() == '-') dns.pop_back();
  }
  return dns.empty() ? "model" : dns;
}

std::string LabelLine(std::string_view label, std::size_t number) {
  std::string line;
  if (base::IsUtf8(label)) line = label;
  // NEL, LINE SEPARATOR and PARAGRAPH SEPARATOR end lines for some readers, too.
  for (const std::string_view separator : {"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"}) {
    for (std::size_t at; (at = line.find(separator)) != std::string::npos;) {
      line.replace(at, separator.size(), 1, ' ');
    }
  }
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7F' || c == ';') c = ' ';
  }
  const std::size_t first = line.find_first_not_of(' ');
  if (first == std::string::npos) return "class_" + std::to_string(number);
  return line.substr(first, line.find_last_not_of(' ') - first + 1);
}

std::string LabelLines(const std::vector<std::string>& labels) {
  std::string lines;
  for (std::size_t i = 0; i < labels.size(); ++i) lines += LabelLine(labels[i], i) + "\n";
  return lines;
}

std::string PlainText(std::string_view text) {
  std::string plain(text);
  for (char& c : plain) {
    if (c < ' ' || c > '~') c = '?';
  }
  return plain;
}

std::string QuotedText(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : PlainText(text)) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace yoloport::serve
