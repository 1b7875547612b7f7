#include "store/directory/tree.h"

#include <cstring>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"

namespace flotsam::test {
namespace {

constexpr uid_t kNobody = 65534;

}  // namespace

Tree::Tree() : root_(folder_.path().string() + "/root") {
  EXPECT_EQ(chmod(folder_.path().c_str(), 0755), 0);
  EXPECT_EQ(mkdir(root_.c_str(), 0755), 0);
}

Tree::~Tree() {
  // What was closed for a test must open again to be removed.
  for (const std::string& name : closed_) chmod(path(name).c_str(), 0755);
}

void Tree::folder(const std::string& name) const {
  for (std::size_t at = name.find('/'); at != std::string::npos; at = name.find('/', at + 1))
    mkdir(path(name.substr(0, at)).c_str(), 0755);
  mkdir(path(name).c_str(), 0755);
  ASSERT_EQ(access(path(name).c_str(), F_OK), 0) << name;
}

void Tree::file(const std::string& name, std::size_t size) const {
  if (const std::size_t slash = name.rfind('/'); slash != std::string::npos) folder(name.substr(0, slash));
  const FileDescriptor fd(::open(path(name).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  ASSERT_TRUE(fd.valid()) << name << ": " << strerror(errno);
  ASSERT_EQ(ftruncate(fd.get(), static_cast<off_t>(size)), 0);
}

void Tree::link(const std::string& name, const std::string& target) const {
  ASSERT_EQ(symlink(target.c_str(), path(name).c_str()), 0) << strerror(errno);
}

void Tree::fifo(const std::string& name) const {
  ASSERT_EQ(mkfifo(path(name).c_str(), 0644), 0) << strerror(errno);
}

void Tree::socket(const std::string& name) const {
  const FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path(name).size(), sizeof address.sun_path);
  std::strcpy(address.sun_path, path(name).c_str());
  ASSERT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0)
      << strerror(errno);
}

void Tree::mode(const std::string& name, unsigned mode) {
  closed_.push_back(name);
  ASSERT_EQ(chmod(path(name).c_str(), mode), 0) << strerror(errno);
}

std::unique_ptr<Lister> Tree::open(std::size_t page_objects, const std::string& suffix) const {
  auto store =
      open_directory_store(root_ + suffix, {&environment_, &clock_, &log_}, {page_objects, mountinfo});
  EXPECT_TRUE(store);
  return store ? *std::move(store) : nullptr;
}

std::vector<std::string> Tree::keys(const Scope& scope, std::size_t page_objects) const {
  CollectingSink sink;
  const auto proof = open(page_objects)->list(scope, {}, sink);
  EXPECT_TRUE(proof) << to_text(proof.error());
  if (proof) {
    EXPECT_EQ(proof->objects, sink.objects().size());
  }
  return sink.keys();
}

Result<ListingProof> Tree::list(CollectingSink& sink, const Scope& scope, std::size_t page_objects) const {
  return open(page_objects)->list(scope, {}, sink);
}

void as_ordinary_user(const std::function<void()>& act) {
  if (geteuid() != 0) return act();
  // The plain system call changes this thread alone; other threads (servers of other tests) stay as they are.
  const auto become = [](uid_t user) { return syscall(SYS_setresuid, -1, user, -1); };
  ASSERT_EQ(become(kNobody), 0);
  act();
  ASSERT_EQ(become(0), 0);
}

}  // namespace flotsam::test
