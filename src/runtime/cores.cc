#include "runtime/cores.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <set>
#include <string>

namespace yoloport::runtime {
namespace {

// Cores of the affinity mask; hardware threads of one core share their list of siblings.
int AllowedCores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return 1;
  std::set<std::string> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    const std::string name = std::to_string(cpu);
    std::ifstream file("/sys/devices/system/cpu/cpu" + name + "/topology/thread_siblings_list");
    std::string siblings;
    cores.insert(std::getline(file, siblings) ? siblings : name);
  }
  return static_cast<int>(cores.size());
}

// A container's share of processor time: cgroup 2 says "quota period" or "max period".
int QuotaCores() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  double quota = 0;
  double period = 0;
  if (!(file >> quota >> period) || period <= 0) return std::numeric_limits<int>::max();
  return static_cast<int>(std::ceil(quota / period));
}

}  // namespace

int AvailableCores() { return std::max(1, std::min(AllowedCores(), QuotaCores())); }

}  // namespace yoloport::runtime
