#include <fmt/format.h>

#include "base/bytes.h"
#include "config/sections.h"

namespace flotsam {
namespace {

constexpr Seconds kDay{86400};

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

class StoreBuilder {
 public:
  StoreBuilder(const Building& building, StoreSettings& store)
      : building_(building), group_(building.settings.of("store")), store_(store) {}

  void build() {
    build_url();
    build_scope();
    build_globs("candidates", store_.candidates);
    build_globs("protect", store_.protect);
    build_globs("disposable", store_.disposable);
    build_age();
    build_s3();
  }

 private:
  void problem(std::string_view key, const std::string& message) {
    add_problem(building_.problems, group_[key], message);
  }

  void build_url() {
    if (!group_.given("url")) {
      building_.problems.add(group_.place,
                             "[store] has no url; write url = \"s3://BUCKET\" or url = \"file:///FOLDER\"");
      return;
    }
    const std::string* url = group_.get<std::string>("url");
    if (url == nullptr) return;
    if (url->starts_with("s3://")) {
      build_bucket(std::string_view(*url).substr(5));
    } else if (url->starts_with("file:")) {
      if (*url == "file:" || *url == "file://")
        return problem("url", "names no folder; write file:///FOLDER");
      store_.directory = path_of_file_url(building_.folder, *url);
      store_.url = "file://" + store_.directory.native();
    } else {
      problem("url", fmt::format("is {}, but must begin with s3:// or file://", in_quotes(redacted(*url))));
    }
  }

  void build_bucket(std::string_view bucket) {
    if (bucket.ends_with('/')) bucket.remove_suffix(1);
    if (bucket.find('/') != std::string_view::npos) {
      problem("url", fmt::format("holds more than the bucket {}; folders of it go into prefixes",
                                 in_quotes(bucket.substr(0, bucket.find('/')))));
      return;
    }
    if (const std::string mistake = bucket_mistake(bucket); !mistake.empty()) return problem("url", mistake);
    store_.bucket = bucket;
    store_.url = "s3://" + store_.bucket;
  }

  void build_scope() {
    const bool* whole = group_.get<bool>("whole_bucket");
    const bool is_whole = whole != nullptr && *whole;
    if (!group_.given("prefixes")) {
      if (is_whole) {
        store_.scope = Scope::whole_bucket();
      } else if (!group_.given("whole_bucket") || whole != nullptr) {
        building_.problems.add(
            group_.place,
            "[store] has no prefixes; write prefixes = [\"FOLDER/\"], or whole_bucket = true if the "
            "references speak of everything in it");
      }
      return;
    }
    if (is_whole) {
      problem("prefixes", "and whole_bucket = true exclude each other; leave one out");
      return;
    }
    const auto* prefixes = group_.get<std::vector<std::string>>("prefixes");
    if (prefixes == nullptr) return;
    auto scope = Scope::of_prefixes(*prefixes);
    if (!scope) return problem("prefixes", ": " + sentences_of(scope.error()));
    store_.scope = *std::move(scope);
  }

  void build_globs(std::string_view key, std::vector<Glob>& globs) {
    const auto* texts = group_.get<std::vector<std::string>>(key);
    if (texts == nullptr) return;
    if (texts->empty() && key == "candidates")
      return problem(
          key,
          "is an empty list, by which nothing could ever be an orphan; leave it out for all keys in scope");
    for (std::size_t i = 0; i < texts->size(); ++i) {
      auto glob = Glob::parse((*texts)[i]);
      if (glob) {
        globs.push_back(*std::move(glob));
      } else {
        building_.problems.add(group_.place_of_item(key, i),
                               fmt::format("{}[{}]: {}", group_[key].name, i, sentences_of(glob.error())));
      }
    }
  }

  void build_age() {
    if (const bool* allow = group_.get<bool>("allow_short_min_age")) store_.allow_short_min_age = *allow;
    const Seconds* age = group_.get<Seconds>("min_age");
    if (age == nullptr) return;
    store_.min_age = *age;
    if (*age < kDay && !store_.allow_short_min_age)
      problem("min_age",
              fmt::format("is {}, below 24h: an upload whose row is not committed yet would look like an "
                          "orphan. Where nothing is being uploaded, say allow_short_min_age = true",
                          to_toml(*age, SettingType::duration)));
  }

  void take(std::string_view key, std::optional<std::string>& into) {
    const std::string* text = group_.get<std::string>(key);
    if (!group_.given(key)) return;
    if (!store_.directory.empty()) return problem(key, "is for s3:// stores; leave it out for a directory");
    if (text != nullptr) into = *text;
  }

  void build_s3() {
    take("region", store_.region);
    take("endpoint", store_.endpoint);
    take("addressing", store_.addressing);
    take("profile", store_.profile);
    take("expected_bucket_owner", store_.expected_bucket_owner);
    if (store_.region) {
      for (const char c : *store_.region) {
        if (is_letter_or_digit(c) || c == '-') continue;
        problem("region", fmt::format("is {}, but a region is letters, digits and dashes, like \"eu-west-1\"",
                                      in_quotes(*store_.region)));
        break;
      }
    }
    if (store_.endpoint) {
      if (const std::string mistake = endpoint_mistake(*store_.endpoint); !mistake.empty())
        problem("endpoint", mistake);
    }
    const auto& owner = store_.expected_bucket_owner;
    if (owner && (owner->size() != 12 || owner->find_first_not_of("0123456789") != std::string::npos))
      problem("expected_bucket_owner",
              fmt::format("is {}, but must be the 12 digits of an AWS account", in_quotes(*owner)));
  }

  const Building& building_;
  SettingGroup& group_;
  StoreSettings& store_;
};

}  // namespace

void add_problem(Problems& problems, const Setting& setting, const std::string& message) {
  problems.add(setting.place,
               fmt::format("{}{}{}", setting.name, message.starts_with(':') ? "" : " ", message));
}

std::string sentences_of(const Error& error) {
  if (error.hint.empty()) return error.message;
  const bool is_closed = error.message.ends_with('?') || error.message.ends_with('.');
  return fmt::format("{}{} {}", error.message, is_closed ? "" : ".", error.hint);
}

std::filesystem::path absolute_path(const std::filesystem::path& folder, std::string_view text) {
  std::filesystem::path path = (folder / std::filesystem::path(text)).lexically_normal();
  if (!path.has_filename() && path.has_relative_path()) path = path.parent_path();
  return path;
}

std::filesystem::path path_of_file_url(const std::filesystem::path& folder, std::string_view text) {
  if (text.starts_with("file://")) {
    text.remove_prefix(7);
  } else if (text.starts_with("file:")) {
    text.remove_prefix(5);
  }
  return absolute_path(folder, text);
}

std::string bucket_mistake(std::string_view bucket) {
  if (bucket.empty()) return "names no bucket; write s3://BUCKET";
  if (bucket.find('@') != std::string_view::npos)
    return "holds a user or password; credentials come from the AWS environment, profile or metadata";
  bool ok = bucket.size() <= 255 && bucket != "." && bucket != "..";
  for (const char c : bucket) ok = ok && (is_letter_or_digit(c) || c == '.' || c == '-' || c == '_');
  if (ok) return {};
  return fmt::format("names the bucket {}, but a bucket is letters, digits, dots, dashes and underscores",
                     in_quotes(redacted(bucket)));
}

void build_store(const Building& building, StoreSettings& store) {
  StoreBuilder(building, store).build();
}

}  // namespace flotsam
