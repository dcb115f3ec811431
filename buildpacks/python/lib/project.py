"""What pyproject.toml and Pipfile say, as assignments for bash. The dependencies that pyproject.toml
names itself go, one a line, into the file that is the first argument; the second is the Python."""

import re
import shlex
import sys
import tomllib
from pathlib import Path

from pip._vendor.packaging.specifiers import InvalidSpecifier, SpecifierSet


def read(name):
    try:
        return tomllib.loads(Path(name).read_text("utf-8")) if Path(name).is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        sys.exit(f"{name} is not right: {problem}")


def table(parent, *names):
    for name in names:
        parent = parent.get(name) if isinstance(parent, dict) else None
    return parent if isinstance(parent, dict) else {}


def bounds(one):
    """Poetry's ^3.11 and ~3.11, and a bare 3.11, in the words of everybody else."""
    match = re.fullmatch(r"(\^|~(?!=)|)\s*(\d+)((?:\.\d+)*)((?:\.\*)?)", one)
    if not match:
        return one
    sign, major, rest, _ = match.groups()
    if sign == "^":
        return f">={major}{rest},<{int(major) + 1}"
    if sign == "~" and rest:
        minor = int(rest.split(".")[1])
        return f">={major}{rest},<{major}.{minor + 1}"
    return f"=={major}{rest}.*"


def allows(range_, version):
    for alternative in re.split(r"\|\|?", range_):
        parts = [part for part in re.split(r"\s*,\s*|\s+(?=[<>=!~^\d])(?<![<>=!~^] )", alternative.strip()) if part]
        wanted = SpecifierSet(",".join(bounds(part) for part in parts if part != "*"))
        if wanted.contains(version, prereleases=True):
            return True
    return False


def python_range(pyproject, pipfile):
    project = table(pyproject, "project").get("requires-python")
    poetry = table(pyproject, "tool", "poetry", "dependencies").get("python")
    if isinstance(poetry, dict):
        poetry = poetry.get("version")
    pipenv = table(pipfile, "requires").get("python_version")
    for wanted, who in (
        (project, "requires-python in pyproject.toml"),
        (poetry, "python in tool.poetry.dependencies"),
        (pipenv, "python_version in Pipfile"),
    ):
        if isinstance(wanted, str) and wanted:
            return wanted, who
    return "", ""


def main(requirements, version):
    pyproject, pipfile = read("pyproject.toml"), read("Pipfile")
    project = table(pyproject, "project")
    wanted, who = python_range(pyproject, pipfile)
    try:
        fits = not wanted or allows(wanted, version)
    except InvalidSpecifier:
        sys.exit(f"{who} is no range of versions: {wanted}")
    named = [each for each in project.get("dependencies", []) if isinstance(each, str)]
    Path(requirements).write_text("".join(f"{each}\n" for each in named))
    builds = "build-system" in pyproject and table(pyproject, "tool", "poetry").get("package-mode", True)
    for name, value in {
        "wanted_python": wanted,
        "wanted_by": who,
        "python_fits": str(fits).lower(),
        "has_project": str(bool(project)).lower(),
        "has_poetry": str(bool(table(pyproject, "tool", "poetry"))).lower(),
        "is_package": str(bool(builds and table(pyproject, "tool", "uv").get("package", True))).lower(),
        "has_uv_sources": str(any(name in table(pyproject, "tool", "uv") for name in ("sources", "index"))).lower(),
        "has_dynamic": str("dependencies" in project.get("dynamic", [])).lower(),
    }.items():
        print(f"{name}={shlex.quote(value)}")


main(*sys.argv[1:])
