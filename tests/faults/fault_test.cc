#include "faults/fault_test.h"

#include <sys/mount.h>

namespace yoloport::bad_inputs {

bool FaultTest::MountSmallDisk(const std::string& name, int kib) const {
  const auto disk = folder_ / name;
  std::filesystem::create_directory(disk);
  const std::string size = "size=" + std::to_string(kib) + "k";
  return ::mount("tmpfs", disk.c_str(), "tmpfs", 0, size.c_str()) == 0;
}

void FaultTest::UnmountSmallDisk(const std::string& name) const {
  ::umount((folder_ / name).c_str());
}

}  // namespace yoloport::bad_inputs
