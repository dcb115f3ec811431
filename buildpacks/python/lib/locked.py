"""What poetry.lock or Pipfile.lock (the first argument) locks for an app that runs, as requirements
for pip: those with hashes into the second, those without (git, folders) into the third. Ends with
words should the lock not fit the file that it belongs to."""

import hashlib
import json
import re
import sys
import tomllib
from pathlib import Path

from pip._vendor.packaging.markers import Marker

PYPI = "https://pypi.org/simple"


def name_of(text):
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", text.strip(), maxsplit=1)[0]).lower()


def applies(marker):
    return not marker or Marker(marker).evaluate({"extra": ""})


def local(path):
    return path if path.startswith(("/", ".")) else f"./{path}"


class Requirements:
    def __init__(self):
        self.indexes, self.hashed, self.unhashed = [], [], []

    def index(self, url):
        if url.rstrip("/") != PYPI and url not in self.indexes:
            self.indexes.append(url)

    def add(self, text, hashes=()):
        if hashes:
            self.hashed.append(" ".join([text, *(f"--hash={each}" for each in sorted(hashes))]))
        else:
            self.unhashed.append(text)

    def write(self, hashed, unhashed):
        head = [f"--extra-index-url {url}" for url in self.indexes]
        for file, lines in (hashed, self.hashed), (unhashed, self.unhashed):
            Path(file).write_text("".join(f"{line}\n" for line in head + lines) if lines else "")


def poetry(lock, pyproject):
    packages = lock.get("package", [])
    if packages and not any("groups" in package for package in packages):
        sys.exit("poetry.lock is from before Poetry 2")
    if lock.get("metadata", {}).get("content-hash") not in pyproject_hashes(pyproject):
        sys.exit("poetry.lock is out of step with pyproject.toml, which changed since")
    wanted = Requirements()
    for package in packages:
        marker = package.get("markers", "")
        if isinstance(marker, dict):
            marker = marker.get("main", "")
        if "main" not in package["groups"] or package.get("optional") or not applies(marker):
            continue
        source = package.get("source", {})
        hashes = [file["hash"] for file in package.get("files", [])]
        match source.get("type", "legacy"):
            case "legacy":
                wanted.index(source.get("url", PYPI))
                wanted.add(f"{package['name']}=={package['version']}", hashes)
            case "git":
                at = source.get("resolved_reference") or source["reference"]
                folder = f"#subdirectory={source['subdirectory']}" if "subdirectory" in source else ""
                wanted.add(f"{package['name']} @ git+{source['url']}@{at}{folder}")
            case "url":
                wanted.add(f"{package['name']} @ {source['url']}", hashes)
            case _:
                wanted.add(local(source["url"]))
    return wanted


def pyproject_hashes(pyproject):
    """As Poetry writes it; dependency-groups have been in it since 2.3. What Poetry 1 knew already stands at the top
    where nothing else counts, and is null where it is missing."""
    project, theirs = pyproject.get("project", {}), pyproject.get("tool", {}).get("poetry", {})
    own = {key: project[key] for key in ("requires-python", "dependencies", "optional-dependencies") if key in project}
    texts = []
    for groups in (pyproject.get("dependency-groups", {}), {}):
        more = {name: values for name, values in {"project": own, "dependency-groups": groups}.items() if values}
        old = {key: theirs.get(key) for key in ("dependencies", "source", "extras", "dev-dependencies") if key in theirs or not more}
        said = old | {key: theirs[key] for key in ("group",) if key in theirs}
        texts.append(json.dumps(more | {"tool": {"poetry": said}} if more else said, sort_keys=True))
    return [hashlib.sha256(text.encode()).hexdigest() for text in texts]


def pipenv(lock, pipfile):
    locked = lock.get("default", {})
    missing = {name_of(each) for each in pipfile.get("packages", {})} - {name_of(each) for each in locked}
    if missing:
        sys.exit(f"Pipfile.lock is out of step with Pipfile: it does not have {', '.join(sorted(missing))}")
    said = lock.get("_meta", {}).get("hash", {}).get("sha256")
    if said and said not in pipfile_hashes(pipfile):
        sys.exit("Pipfile.lock is out of step with Pipfile, which changed since")
    wanted = Requirements()
    for source in lock.get("_meta", {}).get("sources", []):
        wanted.index(source["url"])
    for name, package in locked.items():
        if not applies(package.get("markers")):
            continue
        extras = f"[{','.join(package['extras'])}]" if package.get("extras") else ""
        if "git" in package:
            wanted.add(f"{name}{extras} @ git+{package['git']}@{package['ref']}")
        elif "path" in package or "file" in package:
            where = package.get("path") or package["file"]
            wanted.add(where if "://" in where else local(where))
        else:
            wanted.add(f"{name}{extras}{package['version']}", package.get("hashes", ()))
    return wanted


def pipfile_hashes(pipfile):
    """As pipenv writes it; that of other categories than packages and dev-packages has been in it since 2022."""
    sources = pipfile.get("source", [{"name": "pypi", "url": PYPI, "verify_ssl": True}])
    said = {
        "_meta": {"sources": sources, "requires": pipfile.get("requires", {})},
        "default": pipfile.get("packages", {}),
        "develop": pipfile.get("dev-packages", {}),
    }
    own = {"source", "packages", "dev-packages", "requires", "scripts", "pipfile", "pipenv", "default", "develop"}
    more = {name: values for name, values in pipfile.items() if name not in own}
    texts = [json.dumps(each, sort_keys=True, separators=(",", ":")) for each in (said, said | more)]
    return [hashlib.sha256(text.encode()).hexdigest() for text in texts]


def main(lock, hashed, unhashed):
    try:
        if lock == "poetry.lock":
            wanted = poetry(tomllib.loads(Path(lock).read_text()), tomllib.loads(Path("pyproject.toml").read_text()))
        else:
            wanted = pipenv(json.loads(Path(lock).read_text()), tomllib.loads(Path("Pipfile").read_text()))
    except (KeyError, TypeError, AttributeError, ValueError, OSError) as problem:
        sys.exit(f"{lock} cannot be read: {problem!r}")
    wanted.write(hashed, unhashed)


main(*sys.argv[1:])
