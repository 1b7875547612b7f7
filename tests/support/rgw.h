#pragma once

#include <string>

#include "base/error.h"
#include "support/s3_test_client.h"

namespace flotsam::test {

/// A private Ceph Object Gateway: a real S3 server that we did not write. Started at the first call, once a
/// test program, in a directory of its own and on a free port of 127.0.0.1; ended and removed when the
/// program ends, however it ends. Errors: what start_rgw.sh said, which names the packages where a tool is
/// missing. A test that needs the server fails then: ASSERT_TRUE(rgw) << to_text(rgw.error()).
const Result<S3Server>& shared_rgw();

}  // namespace flotsam::test
