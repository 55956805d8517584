// Commands that must refuse their input and leave everything as it was.
#pragma once

#include "testing/program.h"

namespace yoloport::bad_inputs {

// Whether the programs are built with a sanitizer: they then take many times as much memory, and
// open descriptors of their own.
inline constexpr bool kSanitized = YOLOPORT_SANITIZED;

// The demo's config and checkpoint are in the test's folder.
class BadInput : public test_support::ProgramTest {
 protected:
  BadInput() { LinkDemo(); }

  // yoloport, whatever the command is.
  test_support::Outcome Run(const std::vector<std::string>& arguments,
                            const test_support::RunOptions& options = {}) const {
    return RunHere(YOLOPORT_PROGRAM, arguments, options);
  }

  // `arguments` must end with `code` and exactly `message` on stderr, print nothing, create and
  // change nothing; and take no more memory than 64 MB and twice the largest file in the folder
  // (`detect` loads libraries of 100 MB and more: not there).
  void ExpectRefused(const std::vector<std::string>& arguments, const std::string& message,
                     int code = 1, const test_support::RunOptions& options = {}) const;

  // The same for `yoloport export CONFIG model.pth` on a checkpoint of these contents.
  void ExpectNoCheckpoint(std::string_view contents, const std::string& message) const;

  // Runs the program, which must keep what is promised for a file made to cost as much as it can: 2
  // seconds of processor time, and 64 MB, twice the file and half a GiB of memory. Where it takes
  // longer it is run again, twice at most: beside other programs the same work takes a processor
  // several times as long.
  test_support::Outcome RunCheaply(const std::vector<std::string>& arguments,
                                   const test_support::RunOptions& options = {}) const;

  // The same for a run that must end with `code` and exactly `message` on stderr; its stack is
  // small, so that nothing may follow what is nested by calls.
  void ExpectCheaplyRefused(const std::vector<std::string>& arguments, const std::string& message,
                            int code = 1) const;
};

}  // namespace yoloport::bad_inputs
