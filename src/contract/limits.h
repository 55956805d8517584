// What the metadata of a file, and who describes one, may claim.
#pragma once

namespace yoloport::contract {

// Brackets in the document, whose deepest are those of anchors.
inline constexpr int kMaxMetadataDepth = 16;

// Of a file that yoloport did not write; far beyond any data set's.
inline constexpr int kMaxClasses = 1 << 16;

}  // namespace yoloport::contract
