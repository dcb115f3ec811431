"""The project itself, in the environment whose Python runs this, as if it were installed from its folder:
its programs, and what importlib.metadata says of it. Its code stays where it is."""

import re
import sys
import sysconfig
import tomllib
from pathlib import Path

PROGRAM = """\
#!{python}
import sys

from {module} import {first}

sys.exit({call}())
"""


def entry_points(project, poetry):
    scripts = {name: said if isinstance(said, str) else said["reference"] for name, said in poetry.get("scripts", {}).items() if of_code(said)}
    return {
        "console_scripts": scripts | project.get("scripts", {}),
        "gui_scripts": project.get("gui-scripts", {}),
        **poetry.get("plugins", {}),
        **project.get("entry-points", {}),
    }


def of_code(said):
    return isinstance(said, str) or said.get("type") == "console"


def write_program(name, reference):
    match = re.fullmatch(r"\s*([\w.]+)\s*:\s*(\w+)([\w.]*)\s*(\[.*\])?\s*", reference)
    if not match or not re.fullmatch(r"\w[\w.-]*", name):
        raise ValueError(f"{name} = {reference!r} is no program")
    module, first, rest, _ = match.groups()
    file = Path(sysconfig.get_path("scripts"), name)
    file.write_text(PROGRAM.format(python=sys.executable, module=module, first=first, call=first + rest))
    file.chmod(0o755)


def write_metadata(name, version, points):
    folder = Path(sysconfig.get_path("purelib"), f"{re.sub(r'[-_.]+', '_', name).lower()}-{version}.dist-info")
    folder.mkdir(exist_ok=True)
    folder.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = [line for group, each in points.items() if each for line in (f"[{group}]", *(f"{k} = {v}" for k, v in each.items()), "")]
    folder.joinpath("entry_points.txt").write_text("\n".join(lines))


def main():
    pyproject = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))
    project, poetry = pyproject.get("project", {}), pyproject.get("tool", {}).get("poetry", {})
    try:
        points = entry_points(project, poetry)
        for group in "console_scripts", "gui_scripts":
            for name, reference in points[group].items():
                write_program(name, reference)
        name, version = (project.get(each) or poetry.get(each) for each in ("name", "version"))
        if name and version:
            write_metadata(name, version, points)
        elif name:
            print(f"{name}: its version is dynamic, and importlib.metadata does not know it")
    except (AttributeError, KeyError, TypeError, ValueError, OSError) as problem:
        sys.exit(f"pyproject.toml is not right: {problem}")


main()
