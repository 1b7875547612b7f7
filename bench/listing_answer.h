#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/uio.h>
#include <vector>

#include "dataset.h"

namespace flotsam::bench {

/// What ListObjectsV2 was asked.
struct ListAsk {
  std::string prefix, start_after, token, delimiter;
  bool encoding_url = false;
  std::uint64_t max_keys = 1000;
};

/// An answer's body in pieces, so that rendered objects are sent from where they stand.
struct ListAnswer {
  std::string head, own, tail;  ///< `own`: objects that were rendered for this answer alone
  std::string_view rendered;    ///< objects from the common rendering
  std::uint64_t keys = 0;
  std::size_t size() const { return head.size() + own.size() + rendered.size() + tail.size(); }
};

/// Answers ListObjectsV2 for a data set as S3 does: Name, Prefix, KeyCount, MaxKeys, Delimiter and
/// EncodingType echoes, IsTruncated and tokens, start-after (exclusive), groups of a delimiter. Every
/// <Contents> has Key, LastModified, ETag, Size and StorageClass. Keys need no escaping.
class ListingAnswers {
 public:
  /// Renders all objects once where that takes at most `memory_bytes`; else every answer renders its own.
  ListingAnswers(const Dataset& dataset, std::string bucket, std::uint64_t memory_bytes);

  bool is_rendered() const { return !places_.empty(); }
  /// Nothing where the token is none of ours. `answer` is overwritten and keeps its memory. Any thread.
  bool answer(const ListAsk& ask, ListAnswer& answer) const;

 private:
  void append_object(std::uint64_t rank, std::string& key, std::string& out) const;
  void list_flat(std::uint64_t begin, std::uint64_t end, ListAnswer& answer) const;
  /// Returns the rank behind what was listed.
  std::uint64_t list_groups(const ListAsk& ask, std::uint64_t begin, std::uint64_t end,
                            ListAnswer& answer) const;
  std::uint64_t end_of(std::string_view prefix) const;

  const Dataset& dataset_;
  std::string bucket_;
  std::string rendering_;
  std::vector<std::uint64_t> places_;  ///< where each object begins in rendering_, and the end
};

}  // namespace flotsam::bench
