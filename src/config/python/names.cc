#include "config/python/names.h"

#include <algorithm>
#include <array>

namespace yoloport::config::python {
namespace {

// Each in order: they are searched by halves.
constexpr std::array<std::string_view, 143> kBuiltins = {"ArithmeticError",
                                                         "AssertionError",
                                                         "AttributeError",
                                                         "BaseException",
                                                         "BaseExceptionGroup",
                                                         "BlockingIOError",
                                                         "BrokenPipeError",
                                                         "BufferError",
                                                         "BytesWarning",
                                                         "ChildProcessError",
                                                         "ConnectionAbortedError",
                                                         "ConnectionError",
                                                         "ConnectionRefusedError",
                                                         "ConnectionResetError",
                                                         "DeprecationWarning",
                                                         "EOFError",
                                                         "Ellipsis",
                                                         "EncodingWarning",
                                                         "EnvironmentError",
                                                         "Exception",
                                                         "ExceptionGroup",
                                                         "FileExistsError",
                                                         "FileNotFoundError",
                                                         "FloatingPointError",
                                                         "FutureWarning",
                                                         "GeneratorExit",
                                                         "IOError",
                                                         "ImportError",
                                                         "ImportWarning",
                                                         "IndentationError",
                                                         "IndexError",
                                                         "InterruptedError",
                                                         "IsADirectoryError",
                                                         "KeyError",
                                                         "KeyboardInterrupt",
                                                         "LookupError",
                                                         "MemoryError",
                                                         "ModuleNotFoundError",
                                                         "NameError",
                                                         "NotADirectoryError",
                                                         "NotImplemented",
                                                         "NotImplementedError",
                                                         "OSError",
                                                         "OverflowError",
                                                         "PendingDeprecationWarning",
                                                         "PermissionError",
                                                         "ProcessLookupError",
                                                         "RecursionError",
                                                         "ReferenceError",
                                                         "ResourceWarning",
                                                         "RuntimeError",
                                                         "RuntimeWarning",
                                                         "StopAsyncIteration",
                                                         "StopIteration",
                                                         "SyntaxError",
                                                         "SyntaxWarning",
                                                         "SystemError",
                                                         "SystemExit",
                                                         "TabError",
                                                         "TimeoutError",
                                                         "TypeError",
                                                         "UnboundLocalError",
                                                         "UnicodeDecodeError",
                                                         "UnicodeEncodeError",
                                                         "UnicodeError",
                                                         "UnicodeTranslateError",
                                                         "UnicodeWarning",
                                                         "UserWarning",
                                                         "ValueError",
                                                         "Warning",
                                                         "ZeroDivisionError",
                                                         "abs",
                                                         "aiter",
                                                         "all",
                                                         "anext",
                                                         "any",
                                                         "ascii",
                                                         "bin",
                                                         "bool",
                                                         "breakpoint",
                                                         "bytearray",
                                                         "bytes",
                                                         "callable",
                                                         "chr",
                                                         "classmethod",
                                                         "compile",
                                                         "complex",
                                                         "delattr",
                                                         "dict",
                                                         "dir",
                                                         "divmod",
                                                         "enumerate",
                                                         "eval",
                                                         "exec",
                                                         "exit",
                                                         "filter",
                                                         "float",
                                                         "format",
                                                         "frozenset",
                                                         "getattr",
                                                         "globals",
                                                         "hasattr",
                                                         "hash",
                                                         "help",
                                                         "hex",
                                                         "id",
                                                         "input",
                                                         "int",
                                                         "isinstance",
                                                         "issubclass",
                                                         "iter",
                                                         "len",
                                                         "list",
                                                         "locals",
                                                         "map",
                                                         "max",
                                                         "memoryview",
                                                         "min",
                                                         "next",
                                                         "object",
                                                         "oct",
                                                         "open",
                                                         "ord",
                                                         "pow",
                                                         "print",
                                                         "property",
                                                         "quit",
                                                         "range",
                                                         "repr",
                                                         "reversed",
                                                         "round",
                                                         "set",
                                                         "setattr",
                                                         "slice",
                                                         "sorted",
                                                         "staticmethod",
                                                         "str",
                                                         "sum",
                                                         "super",
                                                         "tuple",
                                                         "type",
                                                         "vars",
                                                         "zip"};

constexpr std::array<std::string_view, 43> kHarmless = {
    "abs",     "all",      "any",   "ascii",  "bin",       "bool",       "bytes",      "callable",
    "chr",     "complex",  "dict",  "divmod", "enumerate", "float",      "format",     "frozenset",
    "hasattr", "hash",     "hex",   "id",     "int",       "isinstance", "issubclass", "len",
    "list",    "max",      "min",   "oct",    "ord",       "pow",        "print",      "range",
    "repr",    "reversed", "round", "set",    "slice",     "sorted",     "str",        "sum",
    "tuple",   "type",     "zip"};

constexpr std::array<std::string_view, 218> kModules = {
    "__future__",   "abc",          "aifc",         "antigravity", "argparse",    "array",
    "ast",          "asynchat",     "asyncio",      "asyncore",    "atexit",      "audioop",
    "base64",       "bdb",          "binascii",     "bisect",      "builtins",    "bz2",
    "cProfile",     "calendar",     "cgi",          "cgitb",       "chunk",       "cmath",
    "cmd",          "code",         "codecs",       "codeop",      "collections", "colorsys",
    "compileall",   "concurrent",   "configparser", "contextlib",  "contextvars", "copy",
    "copyreg",      "crypt",        "csv",          "ctypes",      "curses",      "dataclasses",
    "datetime",     "dbm",          "decimal",      "difflib",     "dis",         "distutils",
    "doctest",      "email",        "encodings",    "ensurepip",   "enum",        "errno",
    "faulthandler", "fcntl",        "filecmp",      "fileinput",   "fnmatch",     "fractions",
    "ftplib",       "functools",    "gc",           "genericpath", "getopt",      "getpass",
    "gettext",      "glob",         "graphlib",     "grp",         "gzip",        "hashlib",
    "heapq",        "hmac",         "html",         "http",        "idlelib",     "imaplib",
    "imghdr",       "imp",          "importlib",    "inspect",     "io",          "ipaddress",
    "itertools",    "json",         "keyword",      "lib2to3",     "linecache",   "locale",
    "logging",      "lzma",         "mailbox",      "mailcap",     "marshal",     "math",
    "mimetypes",    "mmap",         "modulefinder", "msilib",      "msvcrt",      "multiprocessing",
    "netrc",        "nis",          "nntplib",      "nt",          "ntpath",      "nturl2path",
    "numbers",      "opcode",       "operator",     "optparse",    "os",          "ossaudiodev",
    "pathlib",      "pdb",          "pickle",       "pickletools", "pipes",       "pkgutil",
    "platform",     "plistlib",     "poplib",       "posix",       "posixpath",   "pprint",
    "profile",      "pstats",       "pty",          "pwd",         "py_compile",  "pyclbr",
    "pydoc",        "pydoc_data",   "pyexpat",      "queue",       "quopri",      "random",
    "re",           "readline",     "reprlib",      "resource",    "rlcompleter", "runpy",
    "sched",        "secrets",      "select",       "selectors",   "shelve",      "shlex",
    "shutil",       "signal",       "site",         "smtpd",       "smtplib",     "sndhdr",
    "socket",       "socketserver", "spwd",         "sqlite3",     "sre_compile", "sre_constants",
    "sre_parse",    "ssl",          "stat",         "statistics",  "string",      "stringprep",
    "struct",       "subprocess",   "sunau",        "symtable",    "sys",         "sysconfig",
    "syslog",       "tabnanny",     "tarfile",      "telnetlib",   "tempfile",    "termios",
    "textwrap",     "this",         "threading",    "time",        "timeit",      "tkinter",
    "token",        "tokenize",     "tomllib",      "trace",       "traceback",   "tracemalloc",
    "tty",          "turtle",       "turtledemo",   "types",       "typing",      "unicodedata",
    "unittest",     "urllib",       "uu",           "uuid",        "venv",        "warnings",
    "wave",         "weakref",      "webbrowser",   "winreg",      "winsound",    "wsgiref",
    "xdrlib",       "xml",          "xmlrpc",       "zipapp",      "zipfile",     "zipimport",
    "zlib",         "zoneinfo"};

static_assert(std::ranges::is_sorted(kBuiltins) && std::ranges::is_sorted(kHarmless) &&
              std::ranges::is_sorted(kModules));

template <typename Names>
bool IsIn(const Names& names, std::string_view name) {
  return std::binary_search(names.begin(), names.end(), name);
}

}  // namespace

bool IsPythonBuiltin(std::string_view name) { return IsIn(kBuiltins, name); }

bool IsHarmlessBuiltin(std::string_view name) { return IsIn(kHarmless, name); }

bool ReachesAllNames(std::string_view name) {
  return name == "exec" || name == "eval" || name == "globals" || name == "locals" ||
         name == "vars";
}

bool IsLastingBuiltin(std::string_view name) {
  constexpr std::array<std::string_view, 11> kLasting = {
      "bool", "dict", "enumerate", "float", "int", "len", "list", "print", "range", "str", "tuple"};
  return IsIn(kLasting, name);
}

bool IsPythonModule(std::string_view module) {
  return IsIn(kModules, module.substr(0, module.find('.')));
}

}  // namespace yoloport::config::python
