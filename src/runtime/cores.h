// How many threads are worth having.
#pragma once

namespace yoloport::runtime {

// Physical cores that this process may run on, within its control group's share of processor time;
// at least 1. A core's second hardware thread makes a network no faster.
int AvailableCores();

}  // namespace yoloport::runtime
