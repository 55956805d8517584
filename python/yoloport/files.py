"""Files that change while they are read."""

from . import _detector, _exporter


def guard_mapped_files() -> None:
    """A file that shrinks while it is read becomes a FileError; without this call it ends the process (SIGBUS).

    Installs a handler of SIGBUS for the whole process. Bus errors that are not about files of yoloport go to the handler
    that was there before.
    """
    _exporter.guard_mapped_files()
    _detector.guard_mapped_files()
