"""What the Conan recipes say and copy, seen through a stand-in for the Conan client (conan_stand_in.py)."""

import argparse
import re
import shutil
import sys
import unittest
from pathlib import Path
from typing import Any

import conan_stand_in

ROOT = Path()
SCRATCH = Path()
VERSION = ""


def profile(compiler: str = "gcc", version: str = "12", cppstd: str | None = "20", os: str = "Linux") -> Any:
    chosen = conan_stand_in.Setting(compiler)
    chosen.version = version
    chosen.cppstd = cppstd
    return conan_stand_in.Settings(os=os, arch="x86_64", compiler=chosen, build_type="Release")


class VeilsumRecipe(unittest.TestCase):
    def recipe(self, settings: Any = None, **options: Any) -> Any:
        made = conan_stand_in.load_recipe(ROOT / "conanfile.py")()
        made.prepare(ROOT, settings or profile(), **options)
        return made

    def refusal(self, settings: Any) -> str:
        with self.assertRaises(conan_stand_in.ConanInvalidConfiguration) as caught:
            self.recipe(settings).validate()
        return str(caught.exception)

    def test_is_a_header_library(self) -> None:
        recipe = self.recipe()
        self.assertEqual(recipe.package_type, "header-library")
        self.assertEqual(recipe.settings.__class__, conan_stand_in.Settings)
        self.assertEqual(type(recipe).settings, ("os", "arch", "compiler", "build_type"))
        self.assertTrue(recipe.no_copy_source)
        self.assertEqual(recipe.license, "Apache-2.0")
        self.assertIn("Apache License", (ROOT / "LICENSE").read_text(encoding="utf-8"))

    def test_version_is_that_of_cmake(self) -> None:
        recipe = self.recipe()
        recipe.set_version()
        self.assertEqual(recipe.version, VERSION)
        self.assertNotIn(VERSION, (ROOT / "conanfile.py").read_text(encoding="utf-8"))

    def test_a_cmake_file_without_version_is_an_error(self) -> None:
        recipe = self.recipe()
        (SCRATCH / "CMakeLists.txt").write_text("project(other)\n", encoding="utf-8")
        recipe.recipe_folder = str(SCRATCH)
        with self.assertRaisesRegex(conan_stand_in.ConanException, r"no line project\(veilsum VERSION"):
            recipe.set_version()

    def test_packages_every_header_and_the_license_and_nothing_else(self) -> None:
        exported = SCRATCH / "exported"
        for pattern in conan_stand_in.load_recipe(ROOT / "conanfile.py").exports_sources:
            for path in ROOT.glob(pattern if "*" not in pattern else pattern.replace("/*", "/**/*")):
                target = exported / path.relative_to(ROOT)
                if path.is_file():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, target)
        for options in ({}, {"with_ntl": True, "with_learn": True}):
            packaged = SCRATCH / f"package{len(options)}"
            recipe = self.recipe(**options)
            recipe.source_folder, recipe.package_folder = str(exported), str(packaged)
            recipe.package()
            found = {path.relative_to(packaged).as_posix() for path in packaged.rglob("*") if path.is_file()}
            headers = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("include/**/*") if path.is_file()}
            self.assertGreater(len(headers), 200)
            self.assertEqual(found, headers | {"licenses/LICENSE"})
            self.assertEqual((packaged / "licenses/LICENSE").read_bytes(), (ROOT / "LICENSE").read_bytes())

    def test_one_package_id_for_all_configurations(self) -> None:
        recipe = self.recipe()
        recipe.package_id()
        self.assertTrue(recipe.info.cleared)

    def test_accepts_the_tested_compilers(self) -> None:
        for settings in (profile(), profile("clang", "14"), profile("gcc", "13", "gnu23"), profile(os="Macos")):
            recipe = self.recipe(settings)
            recipe.validate()
            self.assertEqual(recipe.output.warnings, [])

    def test_refuses_older_standards_and_compilers_and_windows(self) -> None:
        self.assertIn("lower than the required C++ standard (20)", self.refusal(profile(cppstd="17")))
        self.assertIn("lower than the required C++ standard (20)", self.refusal(profile(cppstd="gnu17")))
        self.assertIn("cppstd is not defined", self.refusal(profile(cppstd=None)))
        self.assertIn("needs gcc 12 or newer, this is 11", self.refusal(profile("gcc", "11")))
        self.assertIn("needs gcc 12 or newer, this is 9.4", self.refusal(profile("gcc", "9.4")))
        self.assertIn("needs clang 14 or newer, this is 13", self.refusal(profile("clang", "13")))
        self.assertIn("POSIX", self.refusal(profile("msvc", "193", "20", "Windows")))

    def test_warns_of_an_untested_compiler(self) -> None:
        recipe = self.recipe(profile("apple-clang", "15"))
        recipe.validate()
        self.assertEqual(recipe.output.warnings, ["veilsum is not tested with apple-clang"])

    def required(self, **options: Any) -> dict[str, str]:
        recipe = self.recipe(**options)
        recipe.requirements()
        for traits in recipe.required.values():
            self.assertEqual(traits, {"transitive_headers": True, "transitive_libs": True})
        return dict(reference.split("/") for reference in recipe.required)

    def test_requirements_follow_the_options(self) -> None:
        least = {"gmp": "[>=6.2.1 <7]", "libsodium": "[>=1.0.18 <1.1]"}
        self.assertEqual(self.required(), least)
        self.assertEqual(set(self.required(with_ntl=True)), set(least) | {"ntl"})
        self.assertEqual(set(self.required(with_learn=True)), set(least) | {"eigen", "zlib"})

    def test_components_have_the_targets_of_our_own_package(self) -> None:
        recipe = self.recipe(with_ntl=True, with_learn=True)
        recipe.package_info()
        self.assertEqual(recipe.cpp_info.properties["cmake_file_name"], "veilsum")
        components = recipe.cpp_info.components
        targets = {name: part.properties["cmake_target_name"] for name, part in components.items()}
        self.assertEqual(targets, {"core": "veilsum::veilsum", "ntl": "veilsum::ntl", "learn": "veilsum::learn"})
        self.assertNotIn(recipe.cpp_info.properties["cmake_target_name"], targets.values())
        self.assertEqual(components["core"].requires, ["gmp::libgmp", "libsodium::libsodium"])
        self.assertEqual(components["core"].system_libs, ["pthread"])
        self.assertEqual(components["ntl"].requires, ["core", "ntl::ntl"])
        self.assertEqual(components["learn"].requires, ["core", "eigen::eigen", "zlib::zlib"])
        for part in components.values():
            self.assertEqual((part.includedirs, part.libdirs, part.bindirs), (["include"], [], []))

    def test_components_follow_the_options(self) -> None:
        recipe = self.recipe(profile(os="Macos"))
        recipe.package_info()
        self.assertEqual(list(recipe.cpp_info.components), ["core"])
        self.assertEqual(recipe.cpp_info.components["core"].system_libs, [])

    def test_every_component_s_package_is_required(self) -> None:
        recipe = self.recipe(with_ntl=True, with_learn=True)
        recipe.requirements()
        recipe.package_info()
        named = {part.split("::")[0] for c in recipe.cpp_info.components.values() for part in c.requires if "::" in part}
        self.assertEqual(named, {reference.split("/")[0] for reference in recipe.required})


class OtherRecipes(unittest.TestCase):
    def test_test_package_runs_the_program_that_cmake_builds(self) -> None:
        recipe = conan_stand_in.load_recipe(ROOT / "test_package/conanfile.py")()
        recipe.prepare(ROOT / "test_package", profile())
        recipe.tested_reference_str = "veilsum/1.2.3"
        recipe.requirements()
        self.assertEqual(list(recipe.required), ["veilsum/1.2.3"])
        recipe.cpp = argparse.Namespace(build=argparse.Namespace(bindir="bin"))
        recipe.test()
        self.assertEqual([command for command, _ in recipe.ran], ["bin/test_package"])
        cmake = (ROOT / "test_package/CMakeLists.txt").read_text(encoding="utf-8")
        self.assertIn("add_executable(test_package ", cmake)

    def test_ntl_has_a_checksum_for_its_version_and_builds_for_any_processor(self) -> None:
        data = (ROOT / "conan/ntl/conandata.yml").read_text(encoding="utf-8")
        self.assertRegex(data, r'"11\.5\.1":\n    url: "https://\S+/ntl-11\.5\.1\.tar\.gz"\n    sha256: "[0-9a-f]{64}"\n')
        recipe = conan_stand_in.load_recipe(ROOT / "conan/ntl/conanfile.py")()
        recipe.prepare(ROOT / "conan/ntl", profile())
        recipe.source_folder, recipe.package_folder = "/src", "/package"
        recipe.dependencies = {"gmp": argparse.Namespace(package_folder="/gmp")}
        recipe.build()
        recipe.package_info()
        (configure, folder), (make, _) = recipe.ran
        self.assertEqual(folder, "/src/src")
        for setting in ('PREFIX="/package"', 'GMP_PREFIX="/gmp"', 'NATIVE="off"', 'TUNE="generic"', 'NTL_THREADS="on"'):
            self.assertIn(setting, configure)
        self.assertTrue(re.fullmatch(r"make -j\d+", make))
        self.assertEqual(recipe.cpp_info.libs, ["ntl"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--scratch", type=Path, required=True, help="a folder that is removed and made anew")
    parser.add_argument("--version", required=True, help="the version that CMake has")
    given = parser.parse_args()
    ROOT, SCRATCH, VERSION = given.source.resolve(), given.scratch.resolve(), given.version
    shutil.rmtree(SCRATCH, ignore_errors=True)
    SCRATCH.mkdir(parents=True)
    conan_stand_in.install()
    unittest.main(argv=[sys.argv[0]])
