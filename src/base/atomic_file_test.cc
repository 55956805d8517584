// What is written, and what becomes of whatever was in its place.
#include "base/atomic_file.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "base/text.h"
#include "testing/temporary_folder.h"
#include "yoloport/error.h"
#include "yoloport/temporaries.h"

namespace yoloport::base {
namespace {

namespace fs = std::filesystem;
using test_support::Contents;

class AtomicFileTest : public test_support::TemporaryFolder {
 protected:
  static void Replace(const fs::path& target, std::string_view contents) {
    AtomicFile file(target);
    file.Write(contents);
    file.Commit();
  }
  static struct stat StatOf(const fs::path& path) {
    struct stat info = {};
    EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path;
    return info;
  }
  static mode_t ModeOf(const fs::path& path) { return StatOf(path).st_mode & 07777; }

  fs::path MakeOld(const std::string& name, mode_t mode = 0644) const {
    fs::path path = folder_ / name;
    std::ofstream(path) << "old";
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }

  // What the message says behind the target's name.
  std::string WhyNot(const fs::path& target,
                     AtomicFile::Opened opened = AtomicFile::Opened::kHere) const {
    try {
      const AtomicFile file(target, opened);
    } catch (const FileError& error) {
      return error.message().substr(Quote(target.native()).size());
    }
    return "it can be written";
  }

  // The exit code of a fork that does `steps`.
  template <typename Steps>
  static int InFork(const Steps& steps) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(steps());
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
};

TEST_F(AtomicFileTest, APlaceIsBehindAllLinks) {
  const fs::path place = PlaceOf(folder_ / "new");
  EXPECT_TRUE(place.is_absolute());
  fs::create_symlink("new", folder_ / "first");
  fs::create_symlink(folder_ / "first", folder_ / "second");
  EXPECT_EQ(PlaceOf(folder_ / "second"), place);
  EXPECT_EQ(PlaceOf(folder_ / "x/../second"), PlaceOf(folder_ / "second"));
  std::ofstream(folder_ / "new") << "there";
  EXPECT_EQ(PlaceOf(folder_ / "second"), place);
  EXPECT_EQ(PlaceOf("not there"), fs::canonical(".") / "not there");
}

TEST_F(AtomicFileTest, CommitReplacesTheTarget) {
  const fs::path target = folder_ / "a.bin";
  std::ofstream(target) << "old";
  AtomicFile file(target);
  file.Write("new contents");
  EXPECT_EQ(Contents(target), "old");
  file.Commit();
  EXPECT_EQ(Contents(target), "new contents");
  EXPECT_EQ(EntryCount(), 1U);
}

TEST_F(AtomicFileTest, WithoutCommitNothingChanges) {
  const fs::path target = folder_ / "a.bin";
  std::ofstream(target) << "old";
  { AtomicFile(target).Write("new"); }
  EXPECT_EQ(Contents(target), "old");
  EXPECT_EQ(EntryCount(), 1U);
}

TEST_F(AtomicFileTest, SaysWhyItCannotCreate) {
  try {
    AtomicFile file(folder_ / "missing" / "a.bin");
    FAIL();
  } catch (const FileError& error) {
    EXPECT_EQ(error.message(), Quote((folder_ / "missing" / "a.bin").native()) +
                                   ": cannot be created: No such file or directory");
  }
  EXPECT_THROW(AtomicFile{folder_}, FileError);
}

TEST_F(AtomicFileTest, KeepsTheModeOfTheOldFile) {
  for (const mode_t mode : {0600, 0640, 0664, 0755, 0444}) {
    const fs::path target = MakeOld("a.bin", mode);
    Replace(target, "new");
    EXPECT_EQ(Contents(target), "new");
    EXPECT_EQ(ModeOf(target), mode);
    fs::remove(target);
  }
}

TEST_F(AtomicFileTest, NewFilesGetTheUsualMode) {
  const mode_t before = ::umask(027);
  Replace(folder_ / "a.bin", "new");
  ::umask(before);
  EXPECT_EQ(ModeOf(folder_ / "a.bin"), 0640);
}

TEST_F(AtomicFileTest, NobodyElseReadsWhatIsToBePrivate) {
  AtomicFile file(MakeOld("a.bin", 0600));
  file.Write("secret");
  EXPECT_EQ(ModeOf(file.temporary()), 0600);
}

TEST_F(AtomicFileTest, KeepsOwnerAndGroup) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may give files away";
  const fs::path target = MakeOld("a.bin", 0640);
  ASSERT_EQ(::chown(target.c_str(), 12345, 23456), 0);
  Replace(target, "new");
  EXPECT_EQ(StatOf(target).st_uid, 12345U);
  EXPECT_EQ(StatOf(target).st_gid, 23456U);
  EXPECT_EQ(ModeOf(target), 0640);
}

TEST_F(AtomicFileTest, WhereTheGroupCannotBeKeptItsRightsAreNot) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may become somebody else";
  const fs::path target = MakeOld("a.bin", 0664);
  ASSERT_EQ(::chown(target.c_str(), 12345, 23456), 0);
  ASSERT_EQ(::chmod(folder_.c_str(), 0777), 0);
  EXPECT_EQ(InFork([&] {
              constexpr uid_t kNobody = 65534;
              if (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0) return 1;
              Replace(target, "new");
              return 0;
            }),
            0);
  EXPECT_EQ(Contents(target), "new");
  EXPECT_EQ(StatOf(target).st_uid, 65534U);
  EXPECT_EQ(ModeOf(target), 0644);
}

TEST_F(AtomicFileTest, KeepsTheAccessList) {
  constexpr const char* kName = "system.posix_acl_access";
  // Version 2; owner rw, user 12345 rw, group -, mask rw, others -: each a tag, rights, an id.
  const std::string list(
      "\x02\0\0\0"
      "\x01\0\x06\0\xff\xff\xff\xff"
      "\x02\0\x06\0\x39\x30\0\0"
      "\x04\0\0\0\xff\xff\xff\xff"
      "\x10\0\x06\0\xff\xff\xff\xff"
      "\x20\0\0\0\xff\xff\xff\xff",
      44);
  const fs::path target = MakeOld("a.bin");
  if (::setxattr(target.c_str(), kName, list.data(), list.size(), 0) != 0) {
    GTEST_SKIP() << "this file system has no access lists";
  }
  Replace(target, "new");
  std::array<char, 100> kept{};
  const ssize_t size = ::getxattr(target.c_str(), kName, kept.data(), kept.size());
  EXPECT_EQ(std::string(kept.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))), list);
}

TEST_F(AtomicFileTest, ALinkStaysALink) {
  fs::create_directory(folder_ / "there");
  const fs::path real = MakeOld("there/real.bin", 0600);
  fs::create_symlink("there/real.bin", folder_ / "one");
  fs::create_symlink(folder_ / "one", folder_ / "two");
  {
    AtomicFile file(folder_ / "two");
    file.Write("new");
    EXPECT_EQ(file.temporary().parent_path(), folder_ / "there");
    EXPECT_EQ(Contents(real), "old");
    file.Commit();
  }
  EXPECT_EQ(Contents(real), "new");
  EXPECT_EQ(ModeOf(real), 0600);
  EXPECT_TRUE(fs::is_symlink(folder_ / "one"));
  EXPECT_TRUE(fs::is_symlink(folder_ / "two"));
  EXPECT_EQ(EntryCount(), 3U);
}

TEST_F(AtomicFileTest, ALinkToNothingYetStaysALink) {
  fs::create_symlink("later.bin", folder_ / "link");
  Replace(folder_ / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(Contents(folder_ / "later.bin"), "new");
  fs::create_symlink("no/folder.bin", folder_ / "nowhere");
  EXPECT_EQ(WhyNot(folder_ / "nowhere"), ": cannot be created: No such file or directory");
  fs::create_symlink("circle", folder_ / "circle");
  EXPECT_EQ(WhyNot(folder_ / "circle"), ": cannot be created: Too many levels of symbolic links");
}

TEST_F(AtomicFileTest, OtherNamesOfTheOldFileKeepIt) {
  const fs::path target = MakeOld("a.bin");
  fs::create_hard_link(target, folder_ / "other");
  Replace(target, "new");
  EXPECT_EQ(Contents(target), "new");
  EXPECT_EQ(Contents(folder_ / "other"), "old");
}

TEST_F(AtomicFileTest, AFifoIsWrittenThrough) {
  const fs::path fifo = folder_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  fs::create_symlink("fifo", folder_ / "link");
  std::string read;
  std::thread reader([&] { read = Contents(fifo); });
  const std::string contents(200'000, 'x');  // more than it holds at a time
  Replace(folder_ / "link", contents);
  reader.join();
  EXPECT_EQ(read, contents);
  EXPECT_TRUE(fs::is_fifo(fifo));
  EXPECT_EQ(EntryCount(), 2U);
}

TEST_F(AtomicFileTest, ADeviceIsWrittenThrough) {
  Replace("/dev/null", "new");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  AtomicFile full("/dev/full");
  EXPECT_THROW(full.Write("new"), FileError);
}

TEST_F(AtomicFileTest, OwnDescriptorsGoOnWhereTheyStand) {
  const fs::path log = MakeOld("log");
  const int fd = ::open(log.c_str(), O_WRONLY | O_APPEND);
  for (const char* folder : {"/dev/fd/", "/proc/self/fd/"}) {
    fs::create_symlink(folder + std::to_string(fd), folder_ / "link");
    Replace(folder_ / "link", " and new");
    fs::remove(folder_ / "link");
  }
  ::close(fd);
  EXPECT_EQ(Contents(log), "old and new and new");
  EXPECT_EQ(EntryCount(), 1U);
}

TEST_F(AtomicFileTest, WhatCannotBeWrittenIsRefused) {
  const fs::path fifo = folder_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(WhyNot(fifo, AtomicFile::Opened::kByName),
            ": cannot be written: it is not a regular file");
  EXPECT_EQ(WhyNot(folder_), ": cannot be written: it is a directory");
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof(address.sun_path), "%s", (folder_ / "socket").c_str());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(WhyNot(folder_ / "socket"), ": cannot be written: it is a socket");
  ::close(fd);
  constexpr dev_t kNoDisk = 0;
  if (::mknod((folder_ / "disk").c_str(), S_IFBLK | 0600, kNoDisk) == 0) {
    EXPECT_EQ(WhyNot(folder_ / "disk"), ": cannot be written: it is a disk");
  }
}

TEST_F(AtomicFileTest, RemoveTemporariesLeavesWhatIsWhole) {
  const fs::path target = MakeOld("a.bin");
  EXPECT_EQ(InFork([&] {
              AtomicFile done(folder_ / "done.bin");
              done.Write("done");
              done.Commit();
              AtomicFile one(target);
              AtomicFile two(folder_ / "b.bin");
              one.Write("new");
              RemoveTemporaries();
              ::_exit(fs::exists(one.temporary()) || fs::exists(two.temporary()) ? 1 : 0);
              return 1;
            }),
            0);
  EXPECT_EQ(Contents(target), "old");
  EXPECT_EQ(Contents(folder_ / "done.bin"), "done");
  EXPECT_EQ(EntryCount(), 2U);
}

TEST_F(AtomicFileTest, AForkLeavesTheTemporariesOfItsParent) {
  AtomicFile file(folder_ / "a.bin");
  EXPECT_EQ(InFork([] {
              RemoveTemporaries();
              return 0;
            }),
            0);
  file.Commit();
  EXPECT_EQ(EntryCount(), 1U);
}

}  // namespace
}  // namespace yoloport::base
