#include "detect_shard.h"

#include <cstdio>

#include "cli.h"
#include "yoloport/error.h"
#include "yoloport/text.h"

namespace yoloport::tool {
namespace {

constexpr int kMostShards = 1 << 20;

// All of `text` as a number from 1, or 0.
int Number(std::string_view text) {
  const int number = ParseNumber<int>(text).value_or(0);
  return number >= 1 && number <= kMostShards ? number : 0;
}

}  // namespace

std::string Shard::suffix() const {
  return count == 1 ? "" : "-" + std::to_string(number) + "-of-" + std::to_string(count);
}

Shard ParseShard(const std::string& text) {
  const std::size_t slash = text.find('/');
  Shard shard;
  if (slash != std::string::npos) {
    shard = {Number(text.substr(0, slash)), Number(text.substr(slash + 1))};
  }
  if (slash == std::string::npos || shard.number < 1 || shard.number > shard.count) {
    throw UsageError("--shard " + Printable(text) + " is no part of a whole",
                     "--shard 1/3, 2/3 and 3/3 are the three thirds of the inputs");
  }
  return shard;
}

void KeepShard(const Shard& shard, std::vector<Item>& items) {
  std::erase_if(items, [&](const Item& item) {
    Fingerprint of_path;
    of_path.Add(item.source.lexically_normal().native());
    const auto part = of_path.value() % static_cast<std::uint64_t>(shard.count);
    return part + 1 != static_cast<std::uint64_t>(shard.number);
  });
}

// FNV-1a, 64 bits.
void Fingerprint::Add(std::string_view bytes) {
  for (const char byte : bytes) {
    state_ ^= static_cast<unsigned char>(byte);
    state_ *= 0x100000001b3;
  }
}

// The last bytes - where names differ - have hardly reached the high bits yet: MurmurHash3's end.
std::uint64_t Fingerprint::value() const {
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 33)) * 0xff51afd7ed558ccd;
  mixed = (mixed ^ (mixed >> 33)) * 0xc4ceb9fe1a85ec53;
  return mixed ^ (mixed >> 33);
}

std::string Fingerprint::hex() const {
  char text[32];
  std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(value()));
  return text;
}

}  // namespace yoloport::tool
