// Files of any size into a state's objects (S3 API: CreateMultipartUpload, UploadPart,
// CompleteMultipartUpload).

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/hash.h"
#include "store/s3/s3_settle.h"
#include "store/s3/s3_state_objects.h"
#include "store/s3/xml_answer.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kPartBytesMin = 16U << 20U;
constexpr std::uint64_t kPartsMax = 10'000;

Result<std::string> read_part(int fd, std::uint64_t at, std::uint64_t size,
                              const std::filesystem::path& file) {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  FLOTSAM_ASSIGN(const std::size_t got, read_at(fd, bytes.data(), bytes.size(), at));
  if (got != bytes.size())
    return fail(ErrorCode::unavailable,
                fmt::format("{} became shorter while it was read", in_quotes(file.native())));
  return bytes;
}

Result<std::string> upload_id_of(const HttpResponse& response) {
  std::string body = response.body;
  pugi::xml_document document;
  const auto root = parse_xml_in_place(document, body);
  std::string id;
  if (root && std::string_view(root->name()) == "InitiateMultipartUploadResult")
    id = text_of_child(*root, "UploadId");
  if (id.empty()) return fail(ErrorCode::unavailable, "the store began an upload without naming it");
  return id;
}

}  // namespace

Result<void> S3StateObjects::complete(S3Client& client, const std::string& key, const std::string& upload_id,
                                      const std::string& parts, std::string_view writer) {
  const S3Ask ask =
      S3Ask::of_object("POST", KeyView(key), {{"uploadId", upload_id}}, {{"content-type", "application/xml"}},
                       "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>");
  auto settled = settle(place_->session(), client, ask);
  if (settled && settled->done && has_root(settled->response.body, "CompleteMultipartUploadResult"))
    return {};
  FLOTSAM_ASSIGN(const auto now, head_object(client, KeyView(key)));
  if (now) {
    for (const auto& [name, value] : now->carried)
      if (name == kWriterHeader && value == writer) return {};
  }
  HttpResponse ignored;
  static_cast<void>(
      client.send_once(S3Ask::of_object("DELETE", KeyView(key), {{"uploadId", upload_id}}), ignored));
  if (!settled) return std::unexpected<Error>(std::move(settled).error());
  if (!settled->done) return std::unexpected<Error>(std::move(settled->error));
  return fail(ErrorCode::unavailable, "the store did not say that the upload is complete");
}

Result<void> S3StateObjects::put_in_parts(const std::string& key, int fd, std::uint64_t size,
                                          const std::filesystem::path& file) {
  FLOTSAM_TRY(ensure_region());
  const Lent client(*this);
  const std::string writer = random_hex(16);
  HttpResponse response;
  std::string upload_id;
  FLOTSAM_TRY(client->repeat(
      S3Ask::of_object("POST", KeyView(key), {{"uploads", ""}},
                       {{"content-type", "application/octet-stream"}, {std::string(kWriterHeader), writer}}),
      response, [&](HttpResponse& answer) -> Result<void> {
        FLOTSAM_ASSIGN(upload_id, upload_id_of(answer));
        return {};
      }));
  const auto upload = [&]() -> Result<std::string> {
    const std::uint64_t part_bytes = std::max(kPartBytesMin, size / kPartsMax + 1);
    std::string parts;
    for (std::uint64_t at = 0, number = 1; at < size; at += part_bytes, ++number) {
      FLOTSAM_ASSIGN(std::string bytes, read_part(fd, at, std::min(part_bytes, size - at), file));
      std::string etag;
      FLOTSAM_TRY(
          client->repeat(S3Ask::of_object("PUT", KeyView(key),
                                          {{"partNumber", std::to_string(number)}, {"uploadId", upload_id}},
                                          {}, std::move(bytes)),
                         response, [&](HttpResponse& answer) -> Result<void> {
                           etag = answer.header("etag").value_or(std::string_view());
                           if (etag.empty())
                             return fail(ErrorCode::unavailable, "the store gives a part no etag");
                           return {};
                         }));
      parts += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", number, etag);
    }
    return parts;
  };
  const auto parts = upload();
  if (parts) return complete(*client, key, upload_id, *parts, writer);
  static_cast<void>(
      client->send_once(S3Ask::of_object("DELETE", KeyView(key), {{"uploadId", upload_id}}), response));
  return std::unexpected<Error>(parts.error());
}

Result<void> S3StateObjects::put_file(const std::string& key, const std::filesystem::path& file) {
  const FileDescriptor fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return std::unexpected<Error>(error_of_errno(errno, "open", file));
  struct stat status{};
  if (fstat(fd.get(), &status) != 0) return std::unexpected<Error>(error_of_errno(errno, "read", file));
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > kPartBytesMin) return put_in_parts(key, fd.get(), size, file);
  FLOTSAM_ASSIGN(const std::string bytes, read_part(fd.get(), 0, size, file));
  return put(key, bytes);
}

}  // namespace flotsam
