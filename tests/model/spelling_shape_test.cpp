#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"
#include "model/key_template.h"
#include "model/shape.h"
#include "model/spelling.h"

namespace flotsam {
namespace {

TEST(CanonicalSpelling, IsTheSameForSpellingsOfOneKey) {
  const CanonicalSpelling spelling("my-bucket");
  for (const std::string_view text : {"books/a b.jpg",
                                      "/books/a b.jpg",
                                      "books//a b.jpg",
                                      "Books/A B.JPG",
                                      "books/a%20b.jpg",
                                      "books/a+b.jpg",
                                      "  books/a b.jpg\n",
                                      "s3://my-bucket/books/a b.jpg",
                                      "https://my-bucket.s3.eu-west-1.amazonaws.com/books/a%20b.jpg",
                                      "https://s3.amazonaws.com/my-bucket/books/a%20b.jpg?X-Amz-Date=1",
                                      "//cdn.example.com/books/a%20b.jpg",
                                      "/my-bucket/books/a b.jpg",
                                      "my-bucket/books/a b.jpg",
                                      "https://cdn.example.com/books/a%20b.jpg#top",
                                      "books/a%2Bb.jpg",
                                      "books/a%2bb.jpg",
                                      "%20books/a b.jpg+",
                                      "/%20books/a%20b.jpg%0A",
                                      "S3://MY-BUCKET/books/a%20b.jpg",
                                      "https://s3.amazonaws.com/My-Bucket/books/a+b.jpg",
                                      "arn:aws:s3:::my-bucket/books/a b.jpg",
                                      "ARN:aws-cn:s3:::my-bucket/Books/a%20b.jpg"})
    EXPECT_EQ(spelling.of(text), "books/a b.jpg") << text;
  EXPECT_EQ(spelling.of("e\xCC\x81.jpg"), spelling.of("\xC3\xA9.jpg"));
  EXPECT_EQ(spelling.of("caf%C3%A9"), spelling.of("CAF\xC3\x89"));
}

TEST(CanonicalSpelling, MeetsBytesThatAreNoTextInTheirEncodedForm) {
  const CanonicalSpelling spelling("");
  EXPECT_EQ(spelling.of("Caf%E9.jpg"), spelling.of("caf\xE9.JPG"));
}

TEST(CanonicalSpelling, StripsNoBucketWhereThereIsNone) {
  EXPECT_EQ(CanonicalSpelling("").of("/a/b"), "a/b");
  EXPECT_EQ(CanonicalSpelling("a").of("ab/c"), "ab/c");
  EXPECT_EQ(CanonicalSpelling("a").of("a"), "a");
  EXPECT_EQ(CanonicalSpelling("a").of("x/arn:aws:s3:::a/b"), "x/arn:aws:s3:::a/b");
  EXPECT_EQ(CanonicalSpelling("a").of("arn:x/y:s3:::a/b"), "arn:x/y:s3:::a/b");
}

/// A key of parts that need no decoding.
rc::Gen<std::string> plain_key() {
  const auto letter = rc::gen::element<std::string>("a", "b", "Z", "7", "-", "_", " ", ".", "\xC3\xA9",
                                                    "\xC3\x89", "e\xCC\x81", "\xE6\x97\xA5", "\xC3\x9F");
  const auto part = rc::gen::map(rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(letter)),
                                 [](const auto& letters) {
                                   std::string text = "p";
                                   for (const std::string& one : letters) text += one;
                                   return text + "q";
                                 });
  return rc::gen::map(rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(part)),
                      [](const auto& parts) {
                        std::string key;
                        for (const std::string& one : parts) key += (key.empty() ? "" : "/") + one;
                        return key;
                      });
}

RC_GTEST_PROP(CanonicalSpelling, IsItsOwnCanonicalSpelling, ()) {
  const CanonicalSpelling spelling("my-bucket");
  const std::string once = spelling.of(*plain_key());
  RC_ASSERT(spelling.of(once) == once);
}

RC_GTEST_PROP(CanonicalSpelling, UndoesEveryMixtureOfSpellings, ()) {
  const CanonicalSpelling spelling("my-bucket");
  const std::string key = *plain_key();
  std::string other = key;
  if (*rc::gen::arbitrary<bool>()) other = *apply_filters("|nfd", other);
  if (*rc::gen::arbitrary<bool>()) other = *apply_filters("|upper|lower", other);
  if (*rc::gen::arbitrary<bool>()) other = *apply_filters("|replace:/://", other);
  const bool encoded = *rc::gen::arbitrary<bool>();
  if (encoded) other = *apply_filters("|percent_encode", other);
  other = *rc::gen::element<std::string>(
              "", "/", "s3://my-bucket/", "https://my-bucket.s3.amazonaws.com/", "my-bucket/", "//cdn/",
              "https://s3.eu-west-1.amazonaws.com/my-bucket/", "arn:aws:s3:::my-bucket/", "  ") +
          other;
  RC_ASSERT(spelling.of(other) == spelling.of(key));
}

RC_GTEST_PROP(CanonicalSpelling, TakesAnyBytes, (const std::string& text)) {
  const CanonicalSpelling spelling("b");
  std::string out = "left over";
  spelling.of(text, out);
  RC_ASSERT(out == spelling.of(text));
  RC_ASSERT(out.find("//") == std::string::npos);
  RC_ASSERT(!out.starts_with('/'));
}

TEST(CanonicalSpelling, OfAPlainKeyIsThatOfItsOddlyWrittenTwin) {
  // A blank at the end takes the long way, and comes off there: both ways must agree.
  const CanonicalSpelling spelling("my-bucket");
  for (const std::string text : {"a", "a/b", "A/B-c_d.9", "my-bucket/a", "MY-BUCKET/a", "my-bucket",
                                 "my-bucket2/a", "a//b", "/a", "a/", "a.b/../c", "-", "a/my-bucket/b"})
    EXPECT_EQ(spelling.of(text), spelling.of(text + " ")) << text;
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
  const Row rows[] = {
      {"the contract's example", "books/515/image_00.webp", "books/#/image_#.webp"},
      {"uuid", "u/123e4567-e89b-12d3-a456-426614174000.jpg", "u/#.jpg"},
      {"hash", "ab/cd/abcdef0123456789abcdef0123456789", "ab/cd/#"},
      {"eight hex letters", "x/deadbeef.bin", "x/#.bin"},
      {"seven hex letters", "x/defaced.bin", "x/defaced.bin"},
      {"a token", "x/aZ9kQwErTyUiOpLm.bin", "x/#.bin"},
      {"a long word is no token", "x/internationalization.txt", "x/internationalization.txt"},
      {"a date", "logs/2026-11-24/part-00001.gz", "logs/#-#-#/part-#.gz"},
      {"a thumbnail", "books/thumb_515_2.webp", "books/thumb_#_#.webp"},
      {"digits of an extension", "v/clip.mp4", "v/clip.mp#"},
      {"a UUID in capitals", "u/123E4567-E89B-12D3-A456-426614174000", "u/#"},
      {"two UUIDs", "123e4567-e89b-12d3-a456-426614174000/123e4567-e89b-12d3-a456-426614174001", "#/#"},
      {"a UUID behind a word", "image123e4567-e89b-12d3-a456-426614174000.jpg", "image#.jpg"},
      {"a UUID before a word", "123e4567-e89b-12d3-a456-426614174000x2.jpg", "#x#.jpg"},
      {"seven hex digits and a digit", "x/abcdef12", "x/#"},
      {"fifteen letters and digits", "x/zzzzzzzzzzzzzz1", "x/zzzzzzzzzzzzzz#"},
      {"sixteen letters and digits", "x/zzzzzzzzzzzzzzz1", "x/#"},
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
