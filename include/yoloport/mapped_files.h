// What a program does when a file shrinks while it is read.
#pragma once

namespace yoloport {

// Configs, checkpoints and models are mapped into memory. Where such a file shrinks, or its disk
// fails, while it is read, the system sends SIGBUS, which ends a process. yoloport's functions
// install no handler of signals; this call does, for the whole process: from then on they throw
// FileError instead. Bus errors that are not about their files go to the handler that was there
// before. A program that installs its own later must pass on what is not its own.
//
// Once is enough; more calls do nothing. Any thread may call it.
void GuardMappedFiles();

}  // namespace yoloport
