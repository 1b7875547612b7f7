#include <fmt/format.h>

#include "diagnosis/layouts.h"

namespace flotsam::test {
namespace {

using Number = std::uint64_t;

std::string picture(Names& names) {
  return fmt::format("{}/{}-{}.jpg", names.word(), names.word(), names.base36(6));
}

}  // namespace

std::vector<Layout> derived_layouts() {
  std::vector<Layout> all;
  const auto add = [&](const char* name, auto key_of, auto derive) {
    all.push_back({name, {"path"}, "img/{path}", [key_of, derive](Names& n, Number) {
                     const std::string v = key_of(n);
                     return Made{{v}, {"img/" + v}, derive(v, n)};
                   }});
  };
  using List = std::vector<std::string>;
  const auto flat = [](Names& n) { return base_of(picture(n)); };
  add("thumb_ before the name", flat, [](const std::string& v, Names&) { return List{"img/thumb_" + v}; });
  add("thumb_ in folders", picture,
      [](const std::string& v, Names&) { return List{"img/" + replaced(v, "/", "/thumb_")}; });
  add("sizes of WordPress", picture, [](const std::string& v, Names&) {
    return List{"img/" + without_extension(v) + "-150x150.jpg",
                "img/" + without_extension(v) + "-300x200.jpg",
                "img/" + without_extension(v) + "-1024x683.jpg"};
  });
  add("another extension beside", picture,
      [](const std::string& v, Names&) { return List{"img/" + without_extension(v) + ".webp"}; });
  add("an extension more", picture, [](const std::string& v, Names&) { return List{"img/" + v + ".webp"}; });
  add("folder of thumbnails", picture, [](const std::string& v, Names&) { return List{"thumbs/" + v}; });
  add("sub-folder", flat, [](const std::string& v, Names&) { return List{"img/small/" + v}; });
  add("twice the pixels", picture,
      [](const std::string& v, Names&) { return List{"img/" + without_extension(v) + "@2x.jpg"}; });
  add("thumbnails of seven in ten", picture, [](const std::string& v, Names& n) {
    return n.percent(70) ? List{"img/" + without_extension(v) + "_preview.png"} : List{};
  });
  add("checksums", picture, [](const std::string& v, Names&) { return List{"img/" + v + ".sha256"}; });
  all.push_back({"Mastodon's small ones",
                 {"id", "file"},
                 "media/{id|partition:3}/original/{file}",
                 [](Names& n, Number i) {
                   const std::string id = std::to_string(109000000000000000ULL + i * 7919 * 65536 +
                                                         n.below(65536)),
                                     f = n.hex(16) + ".png";
                   return Made{{id, f},
                               {"media/" + in_groups(id, 3) + "/original/" + f},
                               {"media/" + in_groups(id, 3) + "/small/" + f}};
                 }});
  all.push_back({"Laravel conversions", {"id", "file"}, "{id}/{file}", [](Names& n, Number i) {
                   const std::string f = n.word() + "-" + n.base36(4), id = std::to_string(i);
                   return Made{
                       {id, f + ".jpg"}, {id + "/" + f + ".jpg"}, {id + "/conversions/" + f + "-thumb.jpg"}};
                 }});
  return all;
}

}  // namespace flotsam::test
