#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace flotsam {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr,
               "flotsam: internal error: %s is false (%s:%d). Nothing was changed; please report this.\n",
               condition, file, line);
  std::abort();
}

}  // namespace flotsam
