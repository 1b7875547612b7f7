#include <fmt/format.h>

#include "diagnosis/layouts.h"

namespace flotsam::test {
namespace {

std::string picture(Names& names) {
  return fmt::format("{}/{}-{}.{}", names.word(), names.word(), names.base36(6), names.extension());
}

template <typename Write>
Made listed(Names& names, const std::string& prefix, Write write) {
  Made made;
  std::vector<std::string> all;
  for (std::uint64_t i = 0; i <= names.below(3); ++i) all.push_back(picture(names));
  made.columns = {write(all)};
  for (const std::string& one : all) made.keys.push_back(prefix + one);
  return made;
}

std::string joined(const std::vector<std::string>& all, std::string_view before, std::string_view after,
                   std::string_view between) {
  std::string out;
  for (const std::string& one : all)
    out += fmt::format("{}{}{}{}", out.empty() ? "" : between, before, one, after);
  return out;
}

}  // namespace

std::vector<Layout> embedded_layouts() {
  std::vector<Layout> all;
  const auto add = [&](const char* name, const char* prefix, auto write) {
    all.push_back({name,
                   {"body"},
                   "{body}",
                   [prefix = std::string(prefix), write](Names& n, std::uint64_t) {
                     return listed(n, prefix,
                                   [&](const std::vector<std::string>& names) { return write(names, n); });
                   },
                   400});
  };
  add("JSON array", "images/", [](const auto& v, Names&) { return "[" + joined(v, "\"", "\"", ",") + "]"; });
  add("JSON array of PHP", "", [](const auto& v, Names&) {
    return "[" + replaced(joined(v, "\"uploads/", "\"", ", "), "/", "\\/") + "]";
  });
  all.back().make = [](Names& n, std::uint64_t) {
    Made made = listed(n, "uploads/", [](const auto& v) {
      return "[" + replaced(joined(v, "\"uploads/", "\"", ", "), "/", "\\/") + "]";
    });
    return made;
  };
  add("images in HTML", "uploads/", [](const auto& v, Names& n) {
    std::string out =
        "<p>" + n.word() + " <a href=\"https://www.example.org/" + n.slug() + "\">" + n.word() + "</a></p>";
    return out +
           joined(v, "<img src=\"https://cdn.example.com/uploads/", "\" alt=\"" + n.word() + "\">", "<br>");
  });
  add("Markdown", "media/", [](const auto& v, Names& n) {
    return n.word() + " " + n.word() + "\n" + joined(v, "![" + n.word() + "](/media/", ")", "\n\n");
  });
  add("a list with commas", "gallery/", [](const auto& v, Names&) { return joined(v, "", "", ","); });
  add("array of PostgreSQL", "files/",
      [](const auto& v, Names&) { return "{" + joined(v, "", "", ",") + "}"; });
  all.push_back(
      {"Shrine data", {"image_data"}, "{image_data}", [](Names& n, std::uint64_t) {
         const std::string v = n.hex(32) + ".jpg";
         return Made{
             {fmt::format(
                 R"({{"id":"{}","storage":"store","metadata":{{"size":{},"mime_type":"image/jpeg","filename":"{}.jpg"}}}})",
                 v, n.below(999999), n.slug())},
             {"store/" + v},
             {}};
       }});
  all.push_back({"JSON with an escaped path", {"meta"}, "{meta}", [](Names& n, std::uint64_t i) {
                   const std::string v = picture(n);
                   return Made{{fmt::format(R"({{"n":{},"file":"{}","title":"{} {}"}})", i,
                                            replaced(v, "/", "\\/"), n.word(), n.word())},
                               {v},
                               {}};
                 }});
  all.push_back(
      {"address inside JSON", {"payload"}, "{payload}", [](Names& n, std::uint64_t i) {
         const std::string v = picture(n);
         return Made{
             {fmt::format(
                 R"({{"id": {}, "url": "https://cdn.example.com/{}", "ref": "https://example.org/{}"}})", i,
                 v, n.slug())},
             {"live/" + v},
             {}};
       }});
  return all;
}

}  // namespace flotsam::test
