#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"
#include "model/shape.h"
#include "model/spelling.h"

namespace flotsam {
namespace {

TEST(CanonicalSpelling, IsTheSameForSpellingsOfOneKey) {
  const CanonicalSpelling spelling("my-bucket");
  for (const std::string_view text :
       {"books/a b.jpg", "/books/a b.jpg", "books//a b.jpg", "Books/A B.JPG", "books/a%20b.jpg",
        "books/a+b.jpg", "  books/a b.jpg\n", "s3://my-bucket/books/a b.jpg",
        "https://my-bucket.s3.eu-west-1.amazonaws.com/books/a%20b.jpg",
        "https://s3.amazonaws.com/my-bucket/books/a%20b.jpg?X-Amz-Date=1",
        "//cdn.example.com/books/a%20b.jpg", "/my-bucket/books/a b.jpg", "my-bucket/books/a b.jpg",
        "https://cdn.example.com/books/a%20b.jpg#top"})
    EXPECT_EQ(spelling.of(text), "books/a b.jpg") << text;
  EXPECT_EQ(spelling.of("e\xCC\x81.jpg"), spelling.of("\xC3\xA9.jpg"));
  EXPECT_EQ(spelling.of("caf%C3%A9"), spelling.of("CAF\xC3\x89"));
}

TEST(CanonicalSpelling, KeepsApartWhatIsApart) {
  const CanonicalSpelling spelling("b");
  EXPECT_NE(spelling.of("a/1.jpg"), spelling.of("a/2.jpg"));
  EXPECT_NE(spelling.of("a%2520b"), spelling.of("a%20b")) << "decoded once only";
  EXPECT_NE(spelling.of("a?x"), spelling.of("a")) << "a query only behind a host";
  EXPECT_NE(spelling.of("a/b"), spelling.of("ab"));
  EXPECT_EQ(spelling.of("\xff\xfeZ"), "\xff\xfez") << "bytes that are no text stay";
}

TEST(LooseForm, IsTheLastTwoPartsWithoutCaseAndExtension) {
  const auto of = [](std::string_view key) {
    std::string out = "old";
    loose_form_of(key, out);
    return out;
  };
  EXPECT_EQ(of("books/515/Image_00.WEBP"), "515/image_00");
  EXPECT_EQ(of("515/image_00.jpg"), "515/image_00");
  EXPECT_EQ(of("image_00.jpg"), "image_00");
  EXPECT_EQ(of("/image_00.jpg"), "image_00");
  EXPECT_EQ(of("a/b.c/d"), "b.c/d");
  EXPECT_EQ(of("a/b/.hidden"), "b/.hidden");
  EXPECT_EQ(of("a/b/"), "b/");
  EXPECT_EQ(of(""), "");
}

TEST(Shape, BlanksWhatVaries) {
  struct Row {
    const char* name;
    std::string_view key, shape;
  };
  const Row rows[] = {{"the contract's example", "books/515/image_00.webp", "books/#/image_#.webp"},
                      {"uuid", "u/123e4567-e89b-12d3-a456-426614174000.jpg", "u/#.jpg"},
                      {"hash", "ab/cd/abcdef0123456789abcdef0123456789", "ab/cd/#"},
                      {"eight hex letters", "x/deadbeef.bin", "x/#.bin"},
                      {"seven hex letters", "x/defaced.bin", "x/defaced.bin"},
                      {"a token", "x/aZ9kQwErTyUiOpLm.bin", "x/#.bin"},
                      {"a long word is no token", "x/internationalization.txt", "x/internationalization.txt"},
                      {"a date", "logs/2026-11-24/part-00001.gz", "logs/#-#-#/part-#.gz"},
                      {"a thumbnail", "books/thumb_515_2.webp", "books/thumb_#_#.webp"},
                      {"nothing varies", "robots.txt", "robots.txt"},
                      {"odd bytes stay", "x/\xff\n1", "x/\xff\n#"},
                      {"empty", "", ""}};
  for (const Row& row : rows) EXPECT_EQ(shape_of(KeyView(row.key)), row.shape) << row.name;
}

TEST(Shape, CoarsensFromTheStemUp) {
  EXPECT_EQ(coarser_shape("a/b/c/x_#.jpg", 0), "a/b/c/x_#.jpg");
  EXPECT_EQ(coarser_shape("a/b/c/x_#.jpg", 1), "a/b/c/*.jpg");
  EXPECT_EQ(coarser_shape("a/b/c/x_#.jpg", 2), "a/b/*/*.jpg");
  EXPECT_EQ(coarser_shape("a/b/c/x_#.jpg", 3), "a/*/*/*.jpg");
  EXPECT_EQ(coarser_shape("a/b/c/x_#.jpg", 4), "*/*/*/*.jpg");
  EXPECT_EQ(coarser_shape("a/b/c/x_#.jpg", kCoarsestShape), "*/*/*/*");
  EXPECT_EQ(coarser_shape("x", 1), "*");
  EXPECT_EQ(coarser_shape("a/", 2), "*/");
}

RC_GTEST_PROP(Shape, CoarseningTwiceIsCoarseningToTheCoarser, ()) {
  const auto key = *rc::gen::container<std::string>(rc::gen::element('a', '/', '.', '#', 'b', '1', '*'));
  const int fine = *rc::gen::inRange(0, 6);
  const int coarse = *rc::gen::element(0, 1, 2, 3, 4, 5, 6, 7, kCoarsestShape);
  RC_PRE(fine <= coarse);
  RC_ASSERT(coarser_shape(coarser_shape(key, fine), coarse) == coarser_shape(key, coarse));
}

RC_GTEST_PROP(Shape, IsNeverLongerThanTheKeyAndStable, (const std::string& key)) {
  const std::string shape = shape_of(KeyView(key));
  RC_ASSERT(shape.size() <= key.size());
  RC_ASSERT(shape_of(KeyView(shape)) == shape);
}

}  // namespace
}  // namespace flotsam
