"""Every command's help has an example, and the command takes it."""

import shlex
import subprocess
import sys

from tests.setup.conftest import ROOT

PRINTED = """
import shlex

from deploy.commands import program

def walk(command, path):
    for name, below in sorted(getattr(command, "commands", {}).items()):
        yield from walk(below, (*path, name))
    if not hasattr(command, "commands"):
        lines = [line.strip() for line in (command.help or "").splitlines()]
        examples = [line.removeprefix("Example: ") for line in lines if line.startswith("Example: ")]
        print(" ".join(path), *examples, sep="\\t")
        for example in examples:
            words = shlex.split(example.partition(" > ")[0])
            assert words[:len(path)] == list(path), (path, example)
            context = command.context_class(command, info_name=path[-1])
            values, rest, _ = command.make_parser(context).parse_args(words[len(path):])
            assert not rest, (path, example)
            missing = [
                one.name for one in command.params
                if one.required and values.get(one.name) in (None, ()) and one.param_type_name == "option"
            ]
            assert not missing, (path, missing)

for line in walk(program, ("thresher",)):
    pass
"""


def test_every_command_has_an_example_that_it_takes() -> None:
    # In a process of its own: it imports every command, which the other tests find lazy.
    command = [sys.executable, "-c", PRINTED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = [line.split("\t") for line in done.stdout.splitlines()]
    assert len(said) > 30
    assert [path for path, *examples in said if not examples] == []
    assert all(shlex.split(example)[0] == "thresher" for _, *examples in said for example in examples)
