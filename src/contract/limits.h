// What the metadata of a file may claim.
#pragma once

namespace yoloport::contract {

// Brackets in the document, whose deepest are those of anchors.
inline constexpr int kMaxMetadataDepth = 16;

}  // namespace yoloport::contract
