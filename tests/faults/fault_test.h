// Commands that the system fails: the n-th call of something, for growing n.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "bad_inputs/bad_input.h"

namespace yoloport::bad_inputs {

// YOLOPORT_SOAK=1: everything, however long it takes; by default some seconds are spent.
inline bool IsSoak() { return std::getenv("YOLOPORT_SOAK") != nullptr; }

class FaultTest : public BadInput {
 protected:
  FaultTest() : hit_(folder_.native() + ".hit") {}
  ~FaultTest() override { std::filesystem::remove(hit_); }

  // Runs a program with the n-th `call` failing (see interpose.cc); false when there are less than
  // n of them.
  bool Fail(const std::string& call, long n, const std::string& program,
            const std::vector<std::string>& arguments, test_support::Outcome& outcome,
            std::vector<std::string> environment = {}) const {
    std::filesystem::remove(hit_);
    environment.push_back("LD_PRELOAD=" YOLOPORT_FAULTS);
    environment.push_back("YOLOPORT_FAULT=" + call + ":" + std::to_string(n));
    environment.push_back("YOLOPORT_FAULT_HIT=" + hit_);
    outcome = test_support::RunProgram(program, arguments, folder_,
                                       {.environment = std::move(environment)});
    return std::filesystem::exists(hit_);
  }

  // How far the next n is from this one: each of the first `each`, then `percent` more.
  static long Step(long n, long each, double percent) {
    if (n < each) return 1;
    return std::max(1L, static_cast<long>(static_cast<double>(n) * percent / 100));
  }

  // A tmpfs of so many KiB as folder `name`; false where this test may not mount one.
  bool MountSmallDisk(const std::string& name, int kib) const;
  void UnmountSmallDisk(const std::string& name) const;

 private:
  std::string hit_;  // outside the folder
};

}  // namespace yoloport::bad_inputs
