#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "model/key.h"

namespace flotsam {

/// One stored thing as a listing shows it, borrowed from the page.
struct ObjectView {
  KeyView key;
  std::uint64_t size_bytes = 0;
  std::optional<Timestamp> last_modified;  ///< nothing: the store gave no date that can be read
  std::string_view etag;        ///< without quotes; in a directory made of inode, size and both times
  std::string_view version_id;  ///< empty: not known
};

/// The same, owned.
struct Object {
  Key key;
  std::uint64_t size_bytes = 0;
  std::optional<Timestamp> last_modified;
  std::string etag;
  std::string version_id;

  static Object of(const ObjectView& view) {
    return Object{Key(view.key), view.size_bytes, view.last_modified, std::string(view.etag),
                  std::string(view.version_id)};
  }
  ObjectView view() const { return ObjectView{key.view(), size_bytes, last_modified, etag, version_id}; }
  friend bool operator==(const Object&, const Object&) = default;
};

}  // namespace flotsam
