#include <fmt/format.h>

#include "diagnosis/layouts.h"

namespace flotsam::test {
namespace {

using Number = std::uint64_t;

std::string picture(Names& names) {
  return fmt::format("{}-{}.{}", names.word(), names.base36(6), names.extension());
}

/// Objects that no row means, beside those that rows do.
Made with_stray(Made made, std::string stray) {
  made.derived.push_back(std::move(stray));
  return made;
}

}  // namespace

std::vector<Layout> healthy_layouts() {
  std::vector<Layout> all;
  const auto add = [&](std::string name, ColumnNames columns, std::string current,
                       std::function<Made(Names&, Number)> make, unsigned backlog, unsigned lost = 1,
                       std::size_t rows = 500) {
    all.push_back(
        {std::move(name), std::move(columns), std::move(current), std::move(make), rows, backlog, lost});
  };
  const auto sequential = [](Names&, Number i) {
    const std::string v = std::to_string(i);
    return Made{{v}, {"scans/" + v + ".tiff"}, {}};
  };
  const auto random = [](Names& n, Number) {
    const std::string v = n.base36(24);
    return Made{{v}, {"blobs/" + v}, {}};
  };
  const auto reused = [](Names& n, Number i) {
    const std::string v = fmt::format("{}/image_{:02}.webp", i, n.below(5));
    return Made{{v}, {"books/" + v}, {}};
  };
  const auto named = [](Names& n, Number) {
    const std::string v = picture(n);
    return Made{{v}, {"img/" + v}, {}};
  };
  const auto uuids = [](Names& n, Number) {
    const std::string v = n.uuid();
    return Made{{v}, {"docs/" + v + ".pdf"}, {}};
  };
  const auto versions = [](Names& n, Number) {
    const std::string d = n.hex(12);
    const Number v = n.between(2, 4);
    Made made{{d, std::to_string(v)}, {fmt::format("docs/{}/v{}.pdf", d, v)}, {}};
    for (Number old = 1; old < v; ++old) made.derived.push_back(fmt::format("docs/{}/v{}.pdf", d, old));
    return made;
  };
  add("sequential numbers, backlog of 40 %", {"id"}, "scans/{id}.tiff", sequential, 40);
  add("random names, backlog of 40 %", {"key"}, "blobs/{key}", random, 40);
  add("reused names, backlog of 40 %", {"path"}, "books/{path}", reused, 40);
  add("words, backlog of 40 %", {"file"}, "img/{file}", named, 40);
  add("UUIDs, backlog of 60 %", {"id"}, "docs/{id}.pdf", uuids, 60);
  add("sequential numbers, nothing amiss", {"id"}, "scans/{id}.tiff", sequential, 0, 0);
  add("random names, nothing amiss", {"key"}, "blobs/{key}", random, 0, 0);
  add("a tenth of the files is lost", {"file"}, "img/{file}", named, 5, 10);
  add("a third of the files is lost", {"key"}, "blobs/{key}", random, 5, 33);
  add("half of the numbers are lost", {"id"}, "scans/{id}.tiff", sequential, 20, 50);
  add("five objects", {"file"}, "img/{file}", named, 20, 0, 5);
  add("five numbers, two lost", {"id"}, "scans/{id}.tiff", sequential, 40, 40, 5);
  add("old revisions beside the referenced one", {"doc", "version"}, "docs/{doc}/v{version}.pdf", versions,
      5);
  add(
      "foreign application's prefix", {"file"}, "img/{file}",
      [named](Names& n, Number i) {
        return with_stray(named(n, i), fmt::format("backups/db-20{:02}-{:02}-{}.sql.gz", 10 + i % 20,
                                                   1 + i % 12, n.hex(6)));
      },
      5);
  add(
      "listings with numbers beside books", {"path"}, "books/{path}",
      [reused](Names& n, Number i) {
        return with_stray(reused(n, i), fmt::format("listings/{}/{}.json", n.below(300), n.hex(8)));
      },
      5);
  add(
      "failed uploads", {"key"}, "blobs/{key}",
      [random](Names& n, Number i) { return with_stray(random(n, i), "tmp/upload_" + n.base36(12)); }, 10);
  add(
      "words, half of the objects strays of the same words", {"file"}, "img/{file}",
      [named](Names& n, Number i) {
        return with_stray(named(n, i), "img/" + n.word() + "-" + n.base36(6) + ".jpg");
      },
      5);
  add(
      "logs of other numbers", {"id"}, "scans/{id}.tiff",
      [sequential](Names& n, Number i) {
        return with_stray(sequential(n, i), fmt::format("logs/{}.log", n.below(90000)));
      },
      20);
  add(
      "an eighth of the files was moved to a trash", {"file"}, "img/{file}",
      [named](Names& n, Number i) {
        Made made = named(n, i);
        if (n.percent(12)) made.keys = {"trash/" + made.columns[0]};
        return made;
      },
      5);
  add(
      "one name in sixty is percent-encoded", {"file"}, "img/{file}",
      [](Names& n, Number i) {
        const std::string f = i % 60 == 0 ? n.word() + " " + n.base36(7) + ".jpg" : picture(n);
        return Made{{percent_encoded(f)}, {"img/" + f}, {}};
      },
      0, 0);
  add(
      "previews of a few, and more previews of nothing", {"file"}, "img/{file}",
      [named](Names& n, Number i) {
        Made made = named(n, i);
        if (n.percent(30))
          made.derived.push_back("img/" + without_extension(made.columns[0]) + "_preview.gif");
        made.derived.push_back("img/" + n.word() + "-" + n.base36(6) + "_preview.gif");
        return made;
      },
      0, 0);
  add(
      "another series that has every number", {"id"}, "scans/{id}.tiff",
      [sequential](Names& n, Number i) {
        Made made = sequential(n, i);
        for (Number k = 0; k < 3; ++k) made.derived.push_back(fmt::format("cam/{}.raw", i + k));
        return made;
      },
      0, 0);
  add(
      "thumbnails of fifteen objects", {"file"}, "img/{file}",
      [named](Names& n, Number i) {
        Made made = named(n, i);
        made.derived = {"img/thumb_" + made.columns[0]};
        return made;
      },
      0, 0, 15);
  return all;
}

std::vector<Layout> hopeless_layouts() {
  std::vector<Layout> all;
  const auto add = [&](std::string name, ColumnNames columns, std::string current,
                       std::function<Made(Names&, Number)> make, unsigned backlog = 5) {
    all.push_back(
        {std::move(name), std::move(columns), std::move(current), std::move(make), 500, backlog, 1});
  };
  add("a random folder", {"file"}, "{file}", [](Names& n, Number) {
    const std::string f = picture(n);
    return Made{{f}, {n.hex(8) + "/" + f}, {}};
  });
  add("keys are random", {"file"}, "{file}",
      [](Names& n, Number) { return Made{{picture(n)}, {"blobs/" + n.hex(32)}, {}}; });
  add("numbers of two tables", {"id"}, "files/{id}", [](Names& n, Number) {
    return Made{{std::to_string(1 + n.below(2000))}, {fmt::format("scans/{}.tiff", 1 + n.below(2000))}, {}};
  });
  add("dense numbers of two tables", {"id"}, "files/{id}", [](Names& n, Number i) {
    return Made{{std::to_string(i)}, {fmt::format("scans/{}.tiff", 1000 + n.below(7000))}, {}};
  });
  add("numbers with every gap filled", {"id"}, "{id}.jpg", [](Names& n, Number i) {
    Made made{{std::to_string(i * 2 + n.below(2))}, {}, {}};
    for (Number k = 0; k < 3; ++k) made.keys.push_back(fmt::format("cam/{}.raw", i * 2 + k));
    return made;
  });
  add("names of cameras", {"file"}, "{file}", [](Names& n, Number) {
    return Made{
        {fmt::format("IMG_{:04}.JPG", n.below(900))}, {fmt::format("dcim/IMG_{:04}.JPG", n.below(900))}, {}};
  });
  add("common words", {"word"}, "{word}", [](Names& n, Number) {
    return Made{{n.word() + "-" + n.word()}, {"tags/" + n.word() + "-" + n.word() + ".svg"}, {}};
  });
  add("hash of an address", {"email"}, "avatars/{email}",
      [](Names& n, Number) { return Made{{n.slug() + "@example.org"}, {"avatars/" + n.hex(32)}, {}}; });
  add("dates of two logs", {"day"}, "{day}", [](Names& n, Number) {
    return Made{{n.date().substr(0, 10)}, {"logs/" + n.date().substr(0, 10) + ".gz"}, {}};
  });
  add("titles and slugs of other titles", {"title"}, "{title}", [](Names& n, Number) {
    return Made{{n.word() + " " + n.word() + " " + n.word()}, {"posts/" + n.slug() + "/cover.jpg"}, {}};
  });
  add("prices", {"price"}, "{price}", [](Names& n, Number) {
    return Made{{fmt::format("{}.{:02}", n.below(100), n.below(100))},
                {fmt::format("img/{}.{}.jpg", n.below(100), n.below(100))},
                {}};
  });
  add("sentences", {"body"}, "{body}", [](Names& n, Number) {
    return Made{
        {n.word() + ", " + n.word() + "; " + n.word() + " (" + n.word() + ")."}, {"img/" + picture(n)}, {}};
  });
  add("states", {"state"}, "{state}", [](Names& n, Number i) {
    return Made{{n.one_of("new", "done", "failed") + std::to_string(i % 7)},
                {"jobs/" + n.one_of("new", "done", "failed") + "/" + n.hex(8)},
                {}};
  });
  add("JSON without names", {"json"}, "{json}", [](Names& n, Number i) {
    return Made{{fmt::format(R"({{"id":{},"kind":"{}","hash":"{}"}})", i, n.word(), n.hex(20))},
                {"blobs/" + n.hex(20)},
                {}};
  });
  add("postal codes", {"zip", "city"}, "{city}/{zip}", [](Names& n, Number) {
    return Made{{padded(n.below(3000), 5), n.word()},
                {fmt::format("maps/{}/{}.png", n.word(), padded(n.below(3000), 5))},
                {}};
  });
  add("a seventh of the files is elsewhere, the rest nowhere", {"file"}, "img/{file}", [](Names& n, Number) {
    Made made{{picture(n)}, {}, {}};
    made.keys.push_back(n.percent(14) ? "moved/" + made.columns[0] : "raw/" + n.hex(9));
    return made;
  });
  add("lists of which most names are another site's", {"body"}, "{body}", [](Names& n, Number) {
    const auto name = [&n] { return "g/" + picture(n); };
    Made made;
    made.keys = {name(), name()};
    made.columns = {
        fmt::format(R"(["{}","{}","{}","{}","{}"])", made.keys[0], name(), name(), name(), made.keys[1])};
    return made;
  });
  return all;
}

}  // namespace flotsam::test
