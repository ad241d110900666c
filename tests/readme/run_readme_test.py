#!/usr/bin/env python3
"""The laws of run_readme.py: what passes, what fails, and with which exit code."""
import os
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

RUNNER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "run_readme.py")


def run(markdown):
    with tempfile.TemporaryDirectory() as folder:
        root = os.path.join(folder, "root")
        os.makedirs(os.path.join(root, "build"))
        with open(os.path.join(root, "file.txt"), "w", encoding="utf-8") as file:
            file.write("from the repository\n")
        readme = os.path.join(root, "README.md")
        with open(readme, "w", encoding="utf-8") as file:
            file.write(markdown)
        programs = os.path.join(folder, "bin")
        os.mkdir(programs)
        program = os.path.join(programs, "hello")
        with open(program, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\necho hello from a program\n")
        os.chmod(program, 0o755)
        done = subprocess.run([sys.executable, RUNNER, readme, "--root", root, "--bin", programs],
                              stdout=subprocess.PIPE, check=False)
        left = set(os.listdir(root))
    return done.returncode, done.stdout.decode(), left


def block(mark, language, body):
    return f"text\n\n<!-- {mark} -->\n```{language}\n{body}\n```\n\n"


class RunReadme(unittest.TestCase):
    def test_succeeding_commands_pass(self):
        self.assertEqual(run(block("test", "sh", "true"))[0], 0)

    def test_a_failing_command_anywhere_in_a_block_fails(self):
        for body in ("false", "false\ntrue", "false | true", "echo $UNSET_VARIABLE", "hallo"):
            self.assertEqual(run(block("test", "sh", body))[0], 1, body)

    def test_a_failing_block_after_a_good_one_fails(self):
        self.assertEqual(run(block("test", "sh", "true") + block("test", "sh", "false"))[0], 1)

    def test_blocks_run_only_where_the_data_they_need_are(self):
        markdown = block("test needs pots", "sh", "echo it ran; false") + block("output", "text", "it ran")
        without = dict(os.environ)
        without.pop("CONEC_DATA", None)
        with tempfile.TemporaryDirectory() as data:
            for environment, folder, code in ((without, None, 0), ({**without, "CONEC_DATA": data}, None, 0),
                                              ({**without, "CONEC_DATA": data}, "pots", 1)):
                if folder:
                    os.mkdir(os.path.join(data, folder))
                with unittest.mock.patch.dict(os.environ, environment, clear=True):
                    result = run(markdown)
                self.assertEqual(result[0], code)
                self.assertEqual("left out" in result[1], code == 0)

    def test_unmarked_blocks_do_not_run(self):
        self.assertEqual(run(block("test", "sh", "true") + "```sh\nfalse\n```\n")[0], 0)

    def test_without_marked_blocks_the_test_is_skipped(self):
        self.assertEqual(run("# Title\n```sh\nfalse\n```\n")[0], 77)

    def test_programs_are_on_the_path_and_in_the_build_folder(self):
        self.assertEqual(run(block("test", "sh", "hello && ./build/release/bin/hello"))[0], 0)

    def test_blocks_share_a_copy_and_leave_the_repository_alone(self):
        code, _, left = run(block("test", "sh", "cat file.txt > made.txt") + block("test", "sh", "grep from made.txt"))
        self.assertEqual(code, 0)
        self.assertEqual(left, {"README.md", "file.txt", "build"})

    def test_output_must_occur_in_order(self):
        commands = block("test", "sh", "echo one 1.25; echo two >&2; echo three")
        self.assertEqual(run(commands + block("output", "text", "one ...\n...\nthree"))[0], 0)
        self.assertEqual(run(commands + block("output", "text", "one 1.25\ntwo\nthree"))[0], 0)
        self.assertEqual(run(commands + block("output", "text", "three\none ..."))[0], 1)
        self.assertEqual(run(commands + block("output", "text", "one"))[0], 1)
        self.assertEqual(run(commands + block("output", "text", "four"))[0], 1)

    def test_malformed_files_are_errors(self):
        for markdown in ("<!-- test -->\n\n```sh\ntrue\n```\n", "<!-- test -->\n```sh\ntrue\n", "<!-- test -->",
                         block("output", "text", "x") + block("test", "sh", "true"), block("test", "python", "pass")):
            self.assertEqual(run(markdown)[0], 2, markdown)


if __name__ == "__main__":
    unittest.main()
