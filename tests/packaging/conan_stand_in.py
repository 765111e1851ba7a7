"""A stand-in for the Python package `conan`, so that recipes can be loaded and their methods called without it.

It is not Conan: it resolves, downloads and builds nothing. What it imitates is the little of Conan 2's interface that
our recipes name; that the real client agrees is shown by tests/packaging/conan.sh only, where there is one.
"""

import fnmatch
import importlib.util
import shutil
import sys
import types
from pathlib import Path
from typing import Any


class ConanException(Exception):
    """As conan.errors.ConanException."""


class ConanInvalidConfiguration(ConanException):
    """As conan.errors.ConanInvalidConfiguration."""


class Version:
    """Numbers between dots, compared one by one."""

    def __init__(self, text: Any) -> None:
        self.parts = [int(part) for part in str(text).split(".")]

    def __lt__(self, other: Any) -> bool:
        return self.parts < Version(other).parts


class Setting(str):
    """A setting with settings of its own: settings.compiler.version."""

    version: str
    cppstd: str | None


class Settings(types.SimpleNamespace):
    """Of a profile."""


class Component:
    """Of cpp_info, and cpp_info itself."""

    def __init__(self) -> None:
        self.properties: dict[str, str] = {}
        self.components: dict[str, Component] = _Components()
        self.requires: list[str] = []
        self.system_libs: list[str] = []
        self.libs: list[str] = []
        self.includedirs = ["include"]
        self.libdirs = ["lib"]
        self.bindirs = ["bin"]

    def set_property(self, name: str, value: str) -> None:
        self.properties[name] = value


class _Components(dict[str, Component]):
    def __missing__(self, name: str) -> Component:
        self[name] = Component()
        return self[name]


class Info:
    """What a package id is made of."""

    def __init__(self) -> None:
        self.cleared = False

    def clear(self) -> None:
        self.cleared = True


class Output:
    """Remembers warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warning(self, text: str) -> None:
        self.warnings.append(text)


class ConanFile:
    """What a recipe derives from."""

    settings: Any
    options: Any
    version: str | None = None
    default_options: dict[str, Any] = {}

    def prepare(self, recipe_folder: Path, settings: Settings, **options: Any) -> None:
        """What Conan does before it calls a recipe's methods."""
        self.recipe_folder = str(recipe_folder)
        self.settings = settings
        own = {name: value for name, value in self.default_options.items() if "/" not in name}
        assert set(options) <= set(own), options
        self.options = types.SimpleNamespace(**(own | options))
        self.cpp_info = Component()
        self.info = Info()
        self.output = Output()
        self.required: dict[str, dict[str, Any]] = {}
        self.ran: list[tuple[str, str | None]] = []

    def requires(self, reference: str, **traits: Any) -> None:
        self.required[reference] = traits

    def run(self, command: str, cwd: str | None = None, **_: Any) -> None:
        self.ran.append((command, cwd))


def _check_min_cppstd(recipe: ConanFile, least: int) -> None:
    given = recipe.settings.compiler.cppstd
    if given is None:
        raise ConanInvalidConfiguration("The compiler.cppstd is not defined for this configuration")
    if int(given.removeprefix("gnu")) < least:
        raise ConanInvalidConfiguration(f"Current cppstd ({given}) is lower than the required C++ standard ({least}).")


def _copy(_: ConanFile, pattern: str, src: str, dst: str) -> list[str]:
    copied = []
    for path in sorted(Path(src).rglob("*")):
        name = path.relative_to(src).as_posix()
        if path.is_file() and fnmatch.fnmatch(name, pattern):
            target = Path(dst) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            copied.append(str(target))
    return copied


def _load(_: ConanFile, path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def _nothing(*_: Any, **__: Any) -> None:
    return None


def install() -> None:
    """Makes `import conan` and what our recipes import from it find this stand-in, for this process."""
    contents: dict[str, dict[str, Any]] = {
        "conan": {"ConanFile": ConanFile},
        "conan.errors": {
            "ConanException": ConanException,
            "ConanInvalidConfiguration": ConanInvalidConfiguration,
        },
        "conan.tools": {},
        "conan.tools.build": {
            "check_min_cppstd": _check_min_cppstd,
            "can_run": lambda _: True,
            "build_jobs": lambda _: 2,
        },
        "conan.tools.cmake": {"CMake": object, "cmake_layout": _nothing},
        "conan.tools.files": {"copy": _copy, "load": _load, "get": _nothing, "rmdir": _nothing},
        "conan.tools.gnu": {"AutotoolsToolchain": object},
        "conan.tools.layout": {"basic_layout": _nothing},
        "conan.tools.scm": {"Version": Version},
    }
    for name, members in contents.items():
        module = types.ModuleType(name)
        module.__dict__.update(members)
        sys.modules[name] = module


def load_recipe(path: Path) -> Any:
    """The class that a conanfile.py defines."""
    spec = importlib.util.spec_from_file_location("recipe_" + path.parent.name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, ConanFile) and value is not ConanFile
    ]
    assert len(found) == 1, found
    return found[0]
