#include <fmt/format.h>

#include "diagnosis/layouts.h"

namespace flotsam::test {
namespace {

using Number = std::uint64_t;

std::string picture(Names& names) {
  return fmt::format("{}-{}.{}", names.word(), names.base36(6), names.extension());
}
std::string month_path(Names& names) {
  return fmt::format("20{}/{:02}/{}", names.between(19, 25), names.between(1, 12), picture(names));
}

void add_frameworks(std::vector<Layout>& all) {
  all.push_back({"images of a book without their folder", {"s3_key"}, "{s3_key}", [](Names& n, Number i) {
                   const std::string v = fmt::format("{}/image_{:02}.webp", i / 4, i % 4 + n.below(3));
                   return Made{{v}, {"books/" + v}, {}};
                 }});
  all.push_back({"ActiveStorage key in shards", {"key"}, "{key}", [](Names& n, Number) {
                   const std::string k = n.base36(28);
                   return Made{{k}, {k.substr(0, 2) + "/" + k.substr(2, 2) + "/" + k}, {}};
                 }});
  all.push_back({"ActiveStorage key under a prefix", {"key"}, "blobs/{key}", [](Names& n, Number) {
                   const std::string k = n.base36(28);
                   return Made{{k}, {"production/" + k}, {}};
                 }});
  all.push_back({"Django FileField without MEDIA_ROOT", {"image"}, "{image}", [](Names& n, Number) {
                   const std::string v = "photos/" + month_path(n);
                   return Made{{v}, {"media/" + v}, {}};
                 }});
  all.push_back({"Django FileField with MEDIA_URL twice", {"image"}, "media/{image}", [](Names& n, Number) {
                   const std::string v = "/media/photos/" + month_path(n);
                   return Made{{v}, {v.substr(1)}, {}};
                 }});
  all.push_back({"WordPress guid", {"guid"}, "{guid}", [](Names& n, Number) {
                   const std::string v = "wp-content/uploads/" + month_path(n);
                   return Made{{"https://www.example.org/" + v}, {v}, {}};
                 }});
  all.push_back({"WordPress attached file", {"meta_value"}, "uploads/{meta_value}", [](Names& n, Number) {
                   const std::string v = month_path(n);
                   return Made{{v}, {"wp-content/uploads/sites/3/" + v}, {}};
                 }});
  all.push_back({"paperclip partition",
                 {"id", "avatar_file_name"},
                 "avatars/{id}/{avatar_file_name}",
                 [](Names& n, Number i) {
                   const std::string f = picture(n);
                   return Made{{std::to_string(i), f},
                               {"system/users/avatars/" + in_groups(padded(i, 9), 3) + "/original/" + f},
                               {}};
                 }});
  all.push_back(
      {"Mastodon media", {"id", "file_file_name"}, "{file_file_name}", [](Names& n, Number i) {
         const std::string id = std::to_string(109000000000000000ULL + i * 7919 * 65536 + n.below(65536)),
                           f = n.hex(16) + ".png";
         return Made{{id, f}, {"media_attachments/files/" + in_groups(id, 3) + "/original/" + f}, {}};
       }});
  all.push_back({"Discourse upload URL", {"url"}, "{url}", [](Names& n, Number) {
                   const std::string h = n.hex(40), v = "original/2X/" + h.substr(0, 1) + "/" + h + ".jpeg";
                   return Made{{"//cdn.example.com/" + v}, {"uploads/default/" + v}, {}};
                 }});
  all.push_back({"Discourse sha1 and extension",
                 {"sha1", "extension"},
                 "original/{sha1}.{extension}",
                 [](Names& n, Number) {
                   const std::string h = n.hex(40), e = n.extension();
                   return Made{{h, e},
                               {"original/3X/" + h.substr(0, 1) + "/" + h.substr(1, 1) + "/" + h + "." + e},
                               {}};
                 }});
  all.push_back({"GitLab hashed storage", {"hashed_path"}, "{hashed_path}.git", [](Names& n, Number) {
                   const std::string h = n.hex(64);
                   return Made{
                       {h}, {"@hashed/" + h.substr(0, 2) + "/" + h.substr(2, 2) + "/" + h + ".git"}, {}};
                 }});
  all.push_back({"Laravel media library", {"id", "file_name"}, "{file_name}", [](Names& n, Number i) {
                   const std::string f = n.one_of("photo", "scan", "cover", "avatar") +
                                         std::to_string(n.below(30)) + "." + n.extension();
                   return Made{{std::to_string(i), f}, {std::to_string(i) + "/" + f}, {}};
                 }});
  all.push_back(
      {"Laravel media library by uuid", {"uuid", "file_name"}, "media/{file_name}", [](Names& n, Number) {
         const std::string u = n.uuid(), f = n.one_of("photo", "scan", "cover") + "." + n.extension();
         return Made{{u, f}, {"public/" + u + "/" + f}, {}};
       }});
  all.push_back({"CarrierWave store_dir", {"id", "avatar"}, "{avatar}", [](Names& n, Number i) {
                   const std::string f = picture(n);
                   return Made{{std::to_string(i), f}, {fmt::format("uploads/user/avatar/{}/{}", i, f)}, {}};
                 }});
  all.push_back(
      {"MediaWiki shards by MD5", {"img_name", "img_md5"}, "images/{img_name}", [](Names& n, Number) {
         const std::string f = upper(n.word().substr(0, 1)) + n.slug() + ".jpg", h = n.hex(32);
         return Made{{f, h}, {"images/" + h.substr(0, 1) + "/" + h.substr(0, 2) + "/" + f}, {}};
       }});
  all.push_back({"Nextcloud object ids", {"fileid"}, "{fileid}", [](Names& n, Number i) {
                   const std::string v = std::to_string(i * 17 + n.below(9));
                   return Made{{v}, {"urn:oid:" + v}, {}};
                 }});
  all.push_back({"Shopify style files with a version", {"src"}, "{src}", [](Names& n, Number i) {
                   const std::string f = picture(n);
                   return Made{{fmt::format("//cdn.example.com/s/files/1/0012/{}?v={}", f, 1600000000 + i)},
                               {"s/files/1/0012/" + f},
                               {}};
                 }});
}

void add_urls(std::vector<Layout>& all) {
  all.push_back({"CDN address with a query", {"url"}, "{url}", [](Names& n, Number i) {
                   const std::string v = "img/" + picture(n);
                   return Made{{fmt::format("https://cdn.example.com/{}?v={}", v, i)}, {v}, {}};
                 }});
  all.push_back({"two hosts and another root", {"url"}, "{url}", [](Names& n, Number) {
                   const std::string v = month_path(n);
                   return Made{
                       {n.one_of("https://a.example.com/static/", "http://b.example.net/static/") + v},
                       {"files/static/" + v},
                       {}};
                 }});
  all.push_back({"s3 address", {"location"}, "{location}", [](Names& n, Number) {
                   const std::string v = "exports/" + n.uuid() + ".csv.gz";
                   return Made{{"s3://acme-data/" + v}, {v}, {}};
                 }});
  all.push_back({"bucket in the path of the address", {"url"}, "{url}", [](Names& n, Number) {
                   const std::string v = "u/" + n.hex(24) + ".mp4";
                   return Made{{"https://s3.eu-west-1.amazonaws.com/acme-media/" + v}, {v}, {}};
                 }});
  all.push_back({"percent-encoded names", {"path"}, "docs/{path}", [](Names& n, Number) {
                   const std::string f =
                       n.word() + " " + n.word() + " (" + std::to_string(n.below(9999)) + ").pdf";
                   return Made{{percent_encoded(f)}, {"docs/" + f}, {}};
                 }});
  all.push_back({"names percent-encoded twice", {"path"}, "docs/{path}", [](Names& n, Number) {
                   const std::string f =
                       n.word() + " " + n.word() + " #" + std::to_string(n.below(9999)) + ".pdf";
                   return Made{{percent_encoded(percent_encoded(f))}, {"docs/" + f}, {}};
                 }});
  all.push_back({"plus-encoded names", {"path"}, "{path}", [](Names& n, Number) {
                   const std::string f = n.word() + " " + n.word() + " " + n.base36(5) + ".pdf";
                   return Made{{"docs/" + replaced(f, " ", "+")}, {"docs/" + f}, {}};
                 }});
  all.push_back({"keys are percent-encoded, values are not", {"name"}, "{name}", [](Names& n, Number) {
                   const std::string f = n.word() + " " + n.word() + " " + n.base36(5) + ".pdf";
                   return Made{{f}, {"archive/" + percent_encoded(f)}, {}};
                 }});
  all.push_back({"one row in twenty-five is percent-encoded",
                 {"path"},
                 "files/{path}",
                 [](Names& n, Number i) {
                   const std::string f = i % 20 == 0 ? n.word() + " " + n.base36(7) + ".jpg" : picture(n);
                   return Made{{percent_encoded(f)}, {"files/" + f}, {}};
                 },
                 1200});
  all.push_back({"address whose path is encoded", {"url"}, "{url}", [](Names& n, Number) {
                   const std::string f = "invoices/" + n.word() + " " + n.base36(6) + ".pdf";
                   return Made{{"https://files.example.com/" + percent_encoded(f)}, {"tenant-7/" + f}, {}};
                 }});
}

void add_spellings(std::vector<Layout>& all) {
  all.push_back({"bucket in lower case", {"path"}, "{path}", [](Names& n, Number) {
                   const std::string v = "Scans/" + upper(n.word()) + "-" + n.hex(6) + ".PDF";
                   return Made{{v}, {lower(v)}, {}};
                 }});
  all.push_back({"bucket in upper case", {"sku"}, "products/{sku}.jpg", [](Names& n, Number) {
                   const std::string v = n.word() + "-" + n.base36(5);
                   return Made{{v}, {"products/" + upper(v) + ".jpg"}, {}};
                 }});
  all.push_back({"decomposed umlauts in the bucket", {"name"}, "{name}", [](Names& n, Number) {
                   const std::string f = n.word() + "-" + n.base36(6);
                   return Made{{"b/Gr\xC3\xB6\xC3\x9F"
                                "e " +
                                f + ".txt"},
                               {"b/Gro\xCC\x88\xC3\x9F"
                                "e " +
                                f + ".txt"},
                               {}};
                 }});
  all.push_back({"composed umlauts in the bucket, a folder more", {"name"}, "{name}", [](Names& n, Number) {
                   const std::string f = n.word() + "-" + n.base36(6);
                   return Made{{"Zu\xCC\x88rich " + f + ".txt"}, {"cities/Z\xC3\xBCrich " + f + ".txt"}, {}};
                 }});
  all.push_back({"backslashes", {"path"}, "{path}", [](Names& n, Number) {
                   const std::string v = "uploads/" + month_path(n);
                   return Made{{replaced(v, "/", "\\")}, {v}, {}};
                 }});
  all.push_back({"drive letter and backslashes", {"path"}, "{path}", [](Names& n, Number) {
                   const std::string v = "invoices/" + month_path(n);
                   return Made{{"D:\\share\\" + replaced(v, "/", "\\")}, {v}, {}};
                 }});
  all.push_back({"blanks around the value", {"path"}, "img/{path}", [](Names& n, Number) {
                   const std::string f = picture(n);
                   return Made{{f + n.one_of(" ", "\n", "  ")}, {"img/" + f}, {}};
                 }});
  all.push_back({"leading slash", {"path"}, "{path}", [](Names& n, Number) {
                   const std::string v = "assets/" + month_path(n);
                   return Made{{"/" + v}, {v}, {}};
                 }});
  all.push_back({"prefix twice", {"path"}, "files/{path}", [](Names& n, Number) {
                   const std::string v = "files/" + month_path(n);
                   return Made{{v}, {v}, {}};
                 }});
  all.push_back({"prefix in some of the values", {"path"}, "{path}", [](Names& n, Number) {
                   const std::string v = month_path(n);
                   return Made{{(n.percent(30) ? "books/" : "") + v}, {"books/" + v}, {}};
                 }});
  all.push_back({"absolute path of the server", {"path"}, "{path}", [](Names& n, Number) {
                   const std::string v = "reports/" + month_path(n);
                   return Made{{"/srv/app/shared/storage/" + v}, {v}, {}};
                 }});
  all.push_back({"blanks became underscores", {"title"}, "songs/{title}.mp3", [](Names& n, Number) {
                   const std::string v = n.word() + " " + n.word() + " " + n.base36(5);
                   return Made{{v}, {"songs/" + replaced(v, " ", "_") + ".mp3"}, {}};
                 }});
}

void add_names(std::vector<Layout>& all) {
  all.push_back({"converted to webp", {"file"}, "{file}", [](Names& n, Number) {
                   const std::string v = n.word() + "-" + n.base36(6);
                   return Made{
                       {"pics/" + v + "." + n.one_of("jpg", "jpeg", "png")}, {"pics/" + v + ".webp"}, {}};
                 }});
  all.push_back({"extension missing", {"token"}, "uploads/{token}", [](Names& n, Number) {
                   const std::string v = n.base36(20);
                   return Made{{v}, {"uploads/" + v + ".jpg"}, {}};
                 }});
  all.push_back({"UUID without dashes", {"id"}, "{id}", [](Names& n, Number) {
                   const std::string v = n.uuid();
                   return Made{{v}, {"obj/" + replaced(v, "-", "")}, {}};
                 }});
  all.push_back({"UUID with dashes", {"id"}, "{id}", [](Names& n, Number) {
                   const std::string v = n.uuid();
                   return Made{{replaced(v, "-", "")}, {"obj/" + v + ".bin"}, {}};
                 }});
  all.push_back({"padded numbers", {"id"}, "scans/{id}.tiff", [](Names&, Number i) {
                   return Made{{std::to_string(i)}, {"scans/" + padded(i, 8) + ".tiff"}, {}};
                 }});
  all.push_back({"numbers without their zeros", {"no"}, "scans/{no}.tiff", [](Names&, Number i) {
                   return Made{{padded(i, 8)}, {"scans/" + std::to_string(i) + ".tiff"}, {}};
                 }});
  all.push_back({"folders of a date", {"created_at", "name"}, "logs/{name}", [](Names& n, Number) {
                   const std::string d = n.date(), f = n.word() + "-" + n.hex(8) + ".gz";
                   return Made{{d, f}, {"logs/" + replaced(d.substr(0, 10), "-", "/") + "/" + f}, {}};
                 }});
  all.push_back({"tenant and user the other way round",
                 {"tenant", "user_id", "file"},
                 "{user_id}/{tenant}/{file}",
                 [](Names& n, Number i) {
                   const std::string t = n.word(), u = std::to_string(i), f = picture(n);
                   return Made{{t, u, f}, {t + "/" + u + "/" + f}, {}};
                 }});
  all.push_back({"hash in upper case, shards in lower", {"sha"}, "{sha}", [](Names& n, Number) {
                   const std::string v = n.hex(40);
                   return Made{{upper(v)}, {"cas/" + v.substr(0, 2) + "/" + v.substr(2)}, {}};
                 }});
  all.push_back({"a folder in the middle is gone", {"path"}, "{path}", [](Names& n, Number) {
                   const std::string t = n.word(), f = picture(n);
                   return Made{{t + "/tmp" + std::to_string(n.below(50)) + "/" + f}, {t + "/" + f}, {}};
                 }});
  all.push_back({"flat bucket", {"path"}, "{path}", [](Names& n, Number) {
                   const std::string f = n.hex(10) + ".jpg";
                   return Made{{n.word() + "/" + std::to_string(n.below(99)) + "/" + f}, {"flat/" + f}, {}};
                 }});
  all.push_back({"cover in the folder of a slug", {"slug"}, "{slug}.jpg", [](Names& n, Number) {
                   const std::string v = n.slug();
                   return Made{{v}, {"posts/" + v + "/cover.jpg"}, {}};
                 }});
  all.push_back({"suffix before the extension", {"file"}, "contracts/{file}", [](Names& n, Number) {
                   const std::string v = n.word() + "-" + n.hex(7);
                   return Made{{v + ".pdf"}, {"contracts/" + v + "_signed.pdf"}, {}};
                 }});
  all.push_back({"id in a name", {"id"}, "avatars/{id}.png", [](Names&, Number i) {
                   return Made{{std::to_string(i)}, {fmt::format("avatars/user_{}.png", i)}, {}};
                 }});
  all.push_back({"id and slug in one name", {"id", "slug"}, "pages/{slug}.html", [](Names& n, Number i) {
                   const std::string v = n.slug();
                   return Made{{std::to_string(i), v}, {fmt::format("pages/{}-{}.html", i, v)}, {}};
                 }});
  all.push_back({"folder of a version", {"doc_id", "version"}, "docs/{doc_id}.pdf", [](Names& n, Number) {
                   const std::string d = n.hex(16), v = std::to_string(n.between(1, 9));
                   return Made{{d, v}, {"docs/" + d + "/v" + v + ".pdf"}, {}};
                 }});
  all.push_back({"shards of a padded number", {"id"}, "{id}.jpg", [](Names& n, Number i) {
                   const Number v = i * 37 + n.below(20);
                   return Made{{std::to_string(v)}, {"photos/" + in_groups(padded(v, 9), 3) + ".jpg"}, {}};
                 }});
}

}  // namespace

std::vector<Layout> mismatched_layouts() {
  std::vector<Layout> all;
  add_frameworks(all);
  add_urls(all);
  add_spellings(all);
  add_names(all);
  return all;
}

}  // namespace flotsam::test
