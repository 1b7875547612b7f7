#include "model/key_template.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "model/key_filters.h"

namespace flotsam {
namespace {

std::unexpected<Error> bad(std::string_view text, std::size_t at, std::string_view what) {
  return fail(ErrorCode::invalid_argument,
              fmt::format("in the template {}, at byte {}: {}", in_quotes(text), at + 1, what));
}

/// The end of the field that begins behind "{": the "}" that no "\" stands before. npos where there is none.
std::size_t end_of_field(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] != '}') at += text[at] == '\\' ? 2U : 1U;
  return at < text.size() ? at : std::string_view::npos;
}

/// Splits "name|filter|filter" at "|" that no "\" stands before.
std::vector<std::string_view> split_field(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '|') {
      parts.push_back(text.substr(start, at - start));
      start = at + 1;
    }
  }
  parts.push_back(text.substr(start));
  return parts;
}

}  // namespace

Result<KeyTemplate> KeyTemplate::parse(std::string_view text) {
  KeyTemplate result;
  result.text_ = text;
  if (text.empty()) return bad(text, 0, "it is empty");
  std::string_view body = text;
  if (body.ends_with("/**")) {
    result.folder_rule_ = true;
    body.remove_suffix(2);
  }
  Piece literal;
  const auto flush = [&] {
    if (!literal.literal.empty()) result.pieces_.push_back(std::move(literal));
    literal = Piece{};
  };
  for (std::size_t at = 0; at < body.size();) {
    const char c = body[at];
    if ((c == '{' || c == '}') && at + 1 < body.size() && body[at + 1] == c) {
      literal.literal += c;
      at += 2;
    } else if (c == '}') {
      return bad(text, at, "a \"}\" without \"{\"; a literal one is written \"}}\"");
    } else if (c != '{') {
      literal.literal += c;
      ++at;
    } else {
      const std::size_t end = end_of_field(body, at + 1);
      if (end == std::string_view::npos)
        return bad(text, at, "\"{\" is never closed; a literal one is written \"{{\"");
      flush();
      const std::vector<std::string_view> parts = split_field(body.substr(at + 1, end - at - 1));
      const std::string name(parts[0]);
      if (name.empty()) return bad(text, at, "a field needs a name: {column}, {group} or {value}");
      Piece piece;
      const auto known = std::find(result.fields_.begin(), result.fields_.end(), name);
      piece.field = static_cast<int>(known - result.fields_.begin());
      if (known == result.fields_.end()) result.fields_.push_back(name);
      for (std::size_t i = 1; i < parts.size(); ++i) {
        auto filter = parse_filter(parts[i]);
        if (!filter) return fail(filter.error(), fmt::format("in the template {}", in_quotes(text)));
        piece.filters.push_back(std::move(*filter));
      }
      result.pieces_.push_back(std::move(piece));
      at = end + 1;
    }
  }
  flush();
  return result;
}

Result<void> KeyTemplate::bind(const ColumnNames& columns) {
  columns_.clear();
  for (const std::string& name : fields_) {
    const auto found = std::find(columns.begin(), columns.end(), name);
    int column = static_cast<int>(found - columns.begin());
    std::string known;
    for (const std::string& one : columns)
      known += fmt::format("{}{}", known.empty() ? "" : ", ", to_printable(one));
    if (found == columns.end()) {
      if (name == "value" && columns.size() == 1) {
        column = 0;
      } else if (name == "value") {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("the template {} uses {{value}}, but there are {} columns: {}",
                                in_quotes(text_), columns.size(), known),
                    "Name the column that is meant.");
      } else {
        const std::string near = nearest_of(name, columns);
        return fail(
            ErrorCode::invalid_argument,
            fmt::format("the template {} uses the unknown field {}{}", in_quotes(text_), in_quotes(name),
                        near.empty() ? "" : fmt::format("; did you mean {}?", to_printable(near))),
            "Known fields: " + known + ".");
      }
    } else if (std::find(found + 1, columns.end(), name) != columns.end()) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("the template {} uses {}, which two columns are called", in_quotes(text_),
                              in_quotes(name)),
                  "Give the columns aliases in the query.");
    }
    columns_.push_back(column);
  }
  const auto used = used_columns();
  lone_column_ = used.size() == 1 ? static_cast<int>(used[0]) : -1;
  return {};
}

bool KeyTemplate::expand(RowView row, std::string& out) const {
  CHECK(columns_.size() == fields_.size());
  out.clear();
  for (const int column : columns_) {
    const FieldView& field = row[static_cast<std::size_t>(column)];
    if (field.is_null || field.bytes.empty()) return false;
  }
  for (const Piece& piece : pieces_) {
    if (piece.field < 0) {
      out += piece.literal;
      continue;
    }
    const FieldView& field = row[static_cast<std::size_t>(columns_[static_cast<std::size_t>(piece.field)])];
    if (piece.filters.empty()) {
      out += field.bytes;
      continue;
    }
    scratch_.assign(field.bytes);
    for (const Filter& filter : piece.filters) apply_filter(filter, scratch_);
    out += scratch_;
  }
  return true;
}

std::vector<std::size_t> KeyTemplate::used_columns() const {
  std::vector<std::size_t> used;
  for (const int column : columns_) {
    const auto index = static_cast<std::size_t>(column);
    if (std::find(used.begin(), used.end(), index) == used.end()) used.push_back(index);
  }
  return used;
}

}  // namespace flotsam
