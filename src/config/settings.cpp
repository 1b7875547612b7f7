#include "config/settings.h"

#include <array>

#include "base/check.h"

namespace flotsam {
namespace {

using enum SettingType;

/// SPEC §2, in its order.
constexpr SettingRow kRows[] = {
    {.section = "",
     .key = "memory",
     .type = size,
     .default_text = "",
     .help =
         "Memory for references and bookkeeping; by default half of what the machine or its cgroup grants.",
     .least = 1},

    {.section = "store",
     .key = "url",
     .type = text,
     .default_text = "",
     .help = "The store: s3://BUCKET, or file:///FOLDER for a directory that is treated as one. Required."},
    {.section = "store",
     .key = "prefixes",
     .type = texts,
     .default_text = "",
     .help =
         "The scope: each ends in a slash and none contains another. Required, unless whole_bucket is true."},
    {.section = "store",
     .key = "whole_bucket",
     .type = boolean,
     .default_text = "false",
     .help = "The scope is everything in the store, stated by name. Instead of prefixes."},
    {.section = "store",
     .key = "candidates",
     .type = globs,
     .default_text = "",
     .help = "Only keys that match one of these globs may ever be an orphan; by default all in scope."},
    {.section = "store",
     .key = "protect",
     .type = globs,
     .default_text = "[]",
     .help = "Keys that match one of these globs are never an orphan."},
    {.section = "store",
     .key = "disposable",
     .type = globs,
     .default_text = "[]",
     .help =
         "Kinds of which nothing is ever referenced, such as failed uploads: the guards shape-percent and "
         "unexpected-prefix do not rule on them."},
    {.section = "store",
     .key = "min_age",
     .type = duration,
     .default_text = "\"7d\"",
     .help = "Younger objects are never orphans. It counts back from the earlier of the store's clock and "
             "every source's "
             "as_of; in a directory an object's time is the later of mtime and ctime, so a copied file is "
             "young. Below 24h it "
             "is refused unless allow_short_min_age is true."},
    {.section = "store",
     .key = "allow_short_min_age",
     .type = boolean,
     .default_text = "false",
     .help = "Allows a min_age below 24h, for stores into which nothing is being uploaded."},
    {.section = "store",
     .key = "region",
     .type = text,
     .default_text = "",
     .help = "S3: the bucket's region; by default AWS_REGION, AWS_DEFAULT_REGION, the profile's, or what the "
             "bucket "
             "answers."},
    {.section = "store",
     .key = "endpoint",
     .type = text,
     .default_text = "",
     .help = "S3: http:// or https:// address of another service than AWS (MinIO, Ceph, R2)."},
    {.section = "store",
     .key = "addressing",
     .type = choice,
     .default_text = "",
     .help = "S3: where the bucket's name goes in a URL; by default path with an endpoint, virtual on AWS.",
     .choices = "path|virtual"},
    {.section = "store",
     .key = "profile",
     .type = text,
     .default_text = "",
     .help = "S3: a profile of the AWS CLI's files; it wins over the keys in the environment."},
    {.section = "store",
     .key = "expected_bucket_owner",
     .type = text,
     .default_text = "",
     .help =
         "S3: the 12 digits of the account that must own the bucket; AWS refuses every request otherwise."},

    {.section = "references",
     .key = "name",
     .type = text,
     .default_text = "",
     .help = "What reports and history call this source. Required, and different for each."},
    {.section = "references",
     .key = "database",
     .type = text,
     .default_text = "",
     .help = "postgresql://, mysql://, sqlite:FILE or csv:FILE[.gz]. Required. An expanded ${NAME} or "
             "${file:/path} in a "
             "URL is percent-encoded, unless it is the whole URL.",
     .secret = true},
    {.section = "references",
     .key = "query",
     .type = text,
     .default_text = "",
     .help = "The SQL query whose rows are the references. Not with csv."},
    {.section = "references",
     .key = "columns",
     .type = texts,
     .default_text = "",
     .help = "csv: the names of the columns to read. Instead of query."},
    {.section = "references",
     .key = "extract",
     .type = text,
     .default_text = "",
     .help = "A regular expression (RE2): every match in the first column is a reference of its own; its "
             "named groups are "
             "fields of the templates."},
    {.section = "references",
     .key = "objects",
     .type = templates,
     .default_text = "[]",
     .help = "Templates of the keys that a row needs. A source needs objects or derived."},
    {.section = "references",
     .key = "derived",
     .type = templates,
     .default_text = "[]",
     .help = "Templates of the keys that a row merely explains: kept when present, not missed when absent. "
             "May end in "
             "/**, that is all below that folder."},
    {.section = "references",
     .key = "as_of",
     .type = moment,
     .default_text = "\"now\"",
     .help = "The moment that this source shows: now (live), file (its modification time; default of csv), "
             "or a time with "
             "offset, never in the future."},
    {.section = "references",
     .key = "outside",
     .type = choice,
     .default_text = "\"count\"",
     .help = "Needed keys outside the prefixes: count them as unresolved, or ignore them.",
     .choices = "count|ignore"},
    {.section = "references",
     .key = "spelling",
     .type = choice,
     .default_text = "\"any\"",
     .help = "any: objects under another spelling of this source's keys are suspects; exact: they are "
             "orphans like others.",
     .choices = "any|exact"},
    {.section = "references",
     .key = "may_be_empty",
     .type = boolean,
     .default_text = "false",
     .help = "This source may rightly give no key at all."},

    {.section = "guards",
     .key = "resolution",
     .type = percent,
     .default_text = "90",
     .help = "Refuses when of any source, or any of its objects templates, fewer than this percent of the "
             "needed keys exist.",
     .least = 50,
     .most = 100},
    {.section = "guards",
     .key = "orphan-percent",
     .type = percent,
     .default_text = "10",
     .help = "Refuses when at least this percent of the judged objects are unreferenced.",
     .most = 100},
    {.section = "guards",
     .key = "shape-percent",
     .type = percent,
     .default_text = "90",
     .help = "Refuses when at least this percent of a shape are unreferenced.",
     .most = 100},
    {.section = "guards",
     .key = "suspects",
     .type = percent,
     .default_text = "1",
     .help = "Refuses when at least this percent of the judged objects are suspects.",
     .most = 100},
    {.section = "guards",
     .key = "max-deletions",
     .type = count,
     .default_text = "1000",
     .help =
         "Refuses when there are more orphans than this; --expect with the exact number satisfies it, too."},
    {.section = "guards",
     .key = "max-bytes",
     .type = size,
     .default_text = "\"100GiB\"",
     .help = "Refuses when the orphans hold more bytes than this."},
    {.section = "guards",
     .key = "reference-drop",
     .type = percent,
     .default_text = "5",
     .help =
         "Refuses when the distinct keys of a source fell by at least this percent since the last good scan.",
     .most = 100},
    {.section = "guards",
     .key = "sightings",
     .type = count,
     .default_text = "1",
     .help = "So many scans, each min_age apart, must find an object unreferenced before it enters a plan.",
     .least = 1,
     .most = 1000},
    {.section = "guards",
     .key = "plan-age",
     .type = duration,
     .default_text = "\"24h\"",
     .help = "Apply refuses a plan that is older than this."},
    {.section = "guards",
     .key = "recheck",
     .type = percent,
     .default_text = "1",
     .help = "Apply refuses when at least this percent of the plan became referenced since the scan.",
     .most = 100},

    {.section = "delete",
     .key = "method",
     .type = choice,
     .default_text = "\"auto\"",
     .help = "How apply deletes. auto: version where the bucket keeps versions, else quarantine where one is "
             "set.",
     .choices = "auto|version|quarantine|permanent"},
    {.section = "delete",
     .key = "quarantine",
     .type = text,
     .default_text = "",
     .help =
         "Where apply moves objects: s3://BUCKET/PREFIX/ or, for a directory, a folder on its file system."},
    {.section = "delete",
     .key = "undo_days",
     .type = count,
     .default_text = "30",
     .help = "For so many days a deletion must be possible to undo.",
     .most = 36500},
    {.section = "delete",
     .key = "max_rate",
     .type = count,
     .default_text = "1000",
     .help = "Keys a second, at most.",
     .least = 1,
     .most = 1000000},
    {.section = "delete",
     .key = "unattended",
     .type = boolean,
     .default_text = "false",
     .help = "Whether the Lambda event delete_orphans may delete what no person has seen."},

    {.section = "state",
     .key = "dir",
     .type = text,
     .default_text = "",
     .help = "Where plans, journals, history and locks stand; by default $XDG_STATE_HOME/flotsam, else "
             "~/.local/state/flotsam."},

    {.section = "notify",
     .key = "url",
     .type = text,
     .default_text = "",
     .help = "Receives a POST of a JSON summary after each run. A failure there never fails a run.",
     .secret = true},
    {.section = "notify",
     .key = "metrics_file",
     .type = text,
     .default_text = "",
     .help = "A file in Prometheus text format, written atomically after each run."},
};

std::string type_name_of(const SettingRow& row) {
  switch (row.type) {
    case text:
      return "string";
    case choice:
      return "one of " + std::string(row.choices);
    case boolean:
      return "boolean";
    case count:
      return "count";
    case percent:
      return "percent";
    case size:
      return "size";
    case duration:
      return "duration";
    case moment:
      return "\"now\", \"file\" or a time";
    case texts:
      return "list of strings";
    case globs:
      return "list of globs";
    case templates:
      return "list of templates";
  }
  return "string";
}

std::string range_of(const SettingRow& row) {
  if (row.type != count && row.type != size && row.type != percent) return {};
  if (row.most != kNoMost) return std::to_string(row.least) + " to " + std::to_string(row.most);
  return row.least == 0 ? std::string() : "at least " + std::to_string(row.least);
}

}  // namespace

std::span<const SettingRow> setting_rows() {
  return kRows;
}

std::vector<std::string_view> setting_sections() {
  std::vector<std::string_view> sections;
  for (const SettingRow& row : kRows)
    if (!row.section.empty() && (sections.empty() || sections.back() != row.section))
      sections.push_back(row.section);
  return sections;
}

std::vector<const SettingRow*> rows_of(std::string_view section) {
  std::vector<const SettingRow*> rows;
  for (const SettingRow& row : kRows)
    if (row.section == section) rows.push_back(&row);
  return rows;
}

std::string name_of(const SettingRow& row) {
  return row.section.empty() ? std::string(row.key) : std::string(row.section) + "." + std::string(row.key);
}

std::string environment_name_of(const SettingRow& row) {
  if (row.section == "references") return {};
  std::string name = "FLOTSAM_" + name_of(row);
  for (char& c : name) {
    if (c == '.' || c == '-') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

const std::vector<SettingInfo>& all_settings() {
  static const std::vector<SettingInfo> infos = [] {
    std::vector<SettingInfo> result;
    for (const SettingRow& row : kRows)
      result.push_back({name_of(row), type_name_of(row), std::string(row.default_text),
                        environment_name_of(row), std::string(row.help), range_of(row)});
    return result;
  }();
  return infos;
}

}  // namespace flotsam
