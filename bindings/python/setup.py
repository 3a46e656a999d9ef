"""Makes the wheel: builds libcallcore.so with cargo and puts it beside the Python files.

    pip wheel --no-deps bindings/python

One wheel is good for every Python 3, as nothing in it is compiled for one. CALLCORE_LIBRARY names a library that is built already.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py
from setuptools.dist import Distribution

TOP = Path(__file__).resolve().parent.parent.parent
NAME = "libcallcore.so"


def library() -> Path:
    """The library: what the environment names, or what cargo builds."""
    named = os.environ.get("CALLCORE_LIBRARY")
    if named:
        return Path(named)
    subprocess.run(["cargo", "build", "--release", "--package", "callcore-ffi"], cwd=TOP, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", TOP / "target"))
    return target / "release" / NAME


def version() -> str:
    """The version of the workspace: the package is one with the library."""
    found = re.search(r'^version = "(.+)"$', (TOP / "Cargo.toml").read_text(), re.MULTILINE)
    if found is None:
        raise SystemExit(f"{TOP / 'Cargo.toml'} has no version")
    return found[1]


def glibc_minor(path: Path) -> int:
    """The 2.N of glibc that a library needs: the highest of the versions that its symbols are bound to."""
    return max((int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", path.read_bytes())), default=17)


class BuildWithLibrary(build_py):
    """Copies the library, too, without what only a debugger needs."""

    def run(self) -> None:
        super().run()
        to = Path(self.build_lib) / "callcore" / NAME
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(library(), to)
        if strip := shutil.which("strip"):
            subprocess.run([strip, "--strip-debug", to], check=True)


class WheelForEveryPython(bdist_wheel):
    """Tags the wheel by the machine and the glibc that the library needs."""

    def get_tag(self) -> tuple[str, str, str]:
        """Any Python 3, any ABI of it, this kind of machine."""
        built = Path(self.bdist_dir) / "callcore" / NAME
        machine = platform.machine()
        return "py3", "none", f"manylinux_2_{glibc_minor(built)}_{machine}"


class WithLibrary(Distribution):
    """Not the same on every machine."""

    def has_ext_modules(self) -> bool:
        """There is a library in it."""
        return True


COMMANDS = {"build_py": BuildWithLibrary, "bdist_wheel": WheelForEveryPython}

setup(version=version(), cmdclass=COMMANDS, distclass=WithLibrary)
