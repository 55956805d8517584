// What a program does when a signal ends it.
#pragma once

namespace yoloport {

// Removes the temporary files and folders of everything that is being written at this moment. A
// signal handler may call it, and must end the process afterwards: whoever goes on writing waits
// for ever. yoloport itself installs no such handler; without one, a signal that ends the process
// may leave files named NAME.tmp-PID-N.
void RemoveTemporaries() noexcept;

// From now on nobody waits for the reader of a FIFO: what would be written into one that nobody
// opens, or takes from, throws FileError. For a program that is to end soon. A signal handler may
// call it.
void EndWaits() noexcept;

}  // namespace yoloport
