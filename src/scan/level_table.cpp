#include "scan/level_table.h"

namespace flotsam {

void add(TallyRow& to, const TallyRow& from) {
  to.all.objects += from.all.objects;
  to.all.bytes += from.all.bytes;
  to.orphans.objects += from.orphans.objects;
  to.orphans.bytes += from.orphans.bytes;
  to.judged += from.judged;
  to.known += from.known;
  to.ruled_orphans += from.ruled_orphans;
  to.ruled_judged += from.ruled_judged;
}

TallyRow& LevelTable::row(std::string_view name) {
  if (last_row_ != nullptr && last_name_ == name) return *last_row_;
  const auto find_or_add = [&]() -> TallyRow& {
    if (level_ == 0) return place(name);
    coarsen_(name, level_, scratch_);
    return place(scratch_);
  };
  TallyRow* found = &find_or_add();
  if (rows_.size() > cap_ && level_ < level_max_) {
    fit();
    found = &find_or_add();
  }
  last_name_.assign(name);
  last_row_ = found;
  return *found;
}

TallyRow& LevelTable::place(std::string_view name) {
  const auto found = rows_.find(name);
  if (found != rows_.end()) return found->second;
  TallyRow row;
  row.name.assign(name);
  return rows_.emplace(std::string(name), std::move(row)).first->second;
}

void LevelTable::coarsen_to(int level) {
  if (level <= level_) return;
  Rows finer;
  finer.swap(rows_);
  last_row_ = nullptr;
  level_ = level;
  std::string name;
  for (const auto& [finer_name, row] : finer) {
    coarsen_(finer_name, level, name);
    add(place(name), row);
  }
}

void LevelTable::fit() {
  while (rows_.size() > cap_ && level_ < level_max_) coarsen_to(level_ + 1);
}

void LevelTable::merge(const LevelTable& other) {
  coarsen_to(other.level_);
  last_row_ = nullptr;
  std::string name;
  for (const auto& [other_name, row] : other.rows_) {
    if (other.level_ < level_) {
      coarsen_(other_name, level_, name);
      add(place(name), row);
    } else {
      add(place(other_name), row);
    }
    fit();
  }
}

std::string LevelTable::name_of(std::string_view name) const {
  std::string out(name);
  if (level_ > 0) coarsen_(name, level_, out);
  return out;
}

std::vector<TallyRow> LevelTable::rows() const {
  std::vector<TallyRow> rows;
  rows.reserve(rows_.size());
  for (const auto& [name, row] : rows_) rows.push_back(row);
  return rows;
}

}  // namespace flotsam
