#pragma once

/// base/: what every room stands on. Errors as values, bytes, time, files, hashing, secrets, cancellation. No
/// room's subject is known here, and nothing here talks to a network or a database.

#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace flotsam {

/// What the caller can do about an error, not where it came from.
enum class ErrorCode {
  invalid_argument,   ///< the person must change the command line or the configuration
  not_found,          ///< proved absent
  permission_denied,  ///< credentials or rights must change
  unavailable,        ///< may go through later: network, time-out, overload, full disk
  corrupt,            ///< what was read cannot be trusted
  refused,            ///< a rule of ours or of the other side says no
  interrupted,        ///< a person or a signal asked to stop
  internal,           ///< our own mistake
};

/// The code's name as printed, e.g. "permission_denied".
const char* to_string(ErrorCode code);

/// A failure: a sentence that says what was seen and where, lines of context, and what to do next.
///
/// Context lines begin with a verb ("while listing s3://b/books/ (page 7)"), the innermost first. The text
/// never holds a secret: whoever makes an Error from foreign text passes it through redacted().
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string hint;                  ///< what to do next; empty where there is nothing to say
  std::vector<std::string> context;  ///< innermost first
  int http_status = 0;               ///< 0 where no HTTP answer is behind it
  std::string service_code;          ///< S3's error code, or a SQLSTATE, or a database's error number
  std::string request_id;

  Error&& with_context(std::string line) && {
    context.push_back(std::move(line));
    return std::move(*this);
  }
  Error&& with_hint(std::string text) && {
    hint = std::move(text);
    return std::move(*this);
  }
};

template <typename T>
using Result = std::expected<T, Error>;

/// `return fail(ErrorCode::corrupt, "…")` from any function that returns Result.
inline std::unexpected<Error> fail(ErrorCode code, std::string message, std::string hint = {}) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  error.hint = std::move(hint);
  return std::unexpected<Error>(std::move(error));
}

/// Passes an error on with one more line of context.
inline std::unexpected<Error> fail(Error error, std::string context) {
  return std::unexpected<Error>(std::move(error).with_context(std::move(context)));
}

/// The whole error for a terminal or a log: message, context outermost last, service fields, hint. Several
/// lines, escaped for a terminal, no final line break.
std::string to_text(const Error& error);

}  // namespace flotsam

#define FLOTSAM_CONCAT_(a, b) a##b
#define FLOTSAM_CONCAT(a, b) FLOTSAM_CONCAT_(a, b)

/// Returns the error of `expr` (a Result) from the enclosing function, or goes on.
#define FLOTSAM_TRY(expr)                                                           \
  do {                                                                              \
    if (auto flotsam_result_ = (expr); !flotsam_result_)                            \
      return std::unexpected<::flotsam::Error>(std::move(flotsam_result_).error()); \
  } while (false)

/// `FLOTSAM_ASSIGN(auto page, fetch());` declares `page` from a Result, or returns its error.
#define FLOTSAM_ASSIGN(decl, expr)                                                                          \
  auto FLOTSAM_CONCAT(flotsam_result_, __LINE__) = (expr);                                                  \
  if (!FLOTSAM_CONCAT(flotsam_result_, __LINE__))                                                           \
    return std::unexpected<::flotsam::Error>(std::move(FLOTSAM_CONCAT(flotsam_result_, __LINE__)).error()); \
  decl = *std::move(FLOTSAM_CONCAT(flotsam_result_, __LINE__))
