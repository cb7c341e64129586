"""A page of docs/ that is followed from its first line to its last, in a copy of the project."""

import shlex
from types import SimpleNamespace

from support.checkout import ROOT, Checkout
from support.markdown import blocks


def followed(tmp_path_factory, page):
    """What became of a page: the `project`, the paths of `files` that were written, and `said`.

    A block that names a path is written there. Commands and other Python are run; `said` is
    {command: (exit status, standard output, standard error)}, and Python the command `python -c`.
    """
    project, files, said = Checkout(tmp_path_factory, page.removesuffix(".md")), [], {}
    for block in blocks((ROOT / "docs" / page).read_text()):
        commands = block.commands if block.language == "bash" else []
        if block.path:
            files.append(block.path)
            project.write(block.path, block.text)
        elif block.language == "python":
            commands = [shlex.join(["python", "-c", block.text])]
        for command in commands:
            words = shlex.split(command)
            if words[0] == "mlflow":  # the script of the environment that runs the tests
                words = ["python", "-m", *words]
            said[command] = project.run(words)
    return SimpleNamespace(project=project, files=files, said=said)
