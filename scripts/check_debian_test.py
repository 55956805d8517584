"""Tests of what check_debian.py and clean_root.py decide without a root."""

import unittest

import check_debian
import clean_root


class PipSettings(unittest.TestCase):
    def test_files_and_environment_become_variables(self):
        listing = "global.extra-index-url='https://one\\nhttps://two'\ndownload.no-deps='yes'\n:env:.cert='/ca.crt'\n"
        self.assertEqual(clean_root.pip_settings(listing), {
            "PIP_EXTRA_INDEX_URL": "https://one\nhttps://two",
            "PIP_NO_DEPS": "yes",
            "PIP_CERT": "/ca.crt",
        })

    def test_settings_of_other_commands_are_left_out(self):
        self.assertEqual(clean_root.pip_settings("install.user='true'\n"), {})
        self.assertEqual(clean_root.pip_settings(""), {})


class Problems(unittest.TestCase):
    def test_exit_codes(self):
        self.assertEqual(check_debian.problem_of(0, "all is well"), "")
        self.assertEqual(check_debian.problem_of(2, ""), "failed with exit code 2")

    def test_compiler_warnings(self):
        output = "[1/2] Building\n../src/a.cc:1:2: warning: unused variable 'x' [-Wunused-variable]\n1 warning\n"
        self.assertEqual(
            check_debian.problem_of(0, output),
            "1 compiler warnings, the first: ../src/a.cc:1:2: warning: unused variable 'x' [-Wunused-variable]")

    def test_the_closing_line(self):
        output = "100% tests passed, 0 tests failed out of 12\n\nTotal Test time (real) = 3.00 sec\n"
        self.assertEqual(check_debian.summary_of(output), ", 100% tests passed, 0 tests failed out of 12")
        self.assertEqual(check_debian.summary_of("The pictures are in build/demo/out.\n"), "")


if __name__ == "__main__":
    unittest.main()
