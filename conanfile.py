"""veilsum as a Conan package: headers, and what they need. Its version is the one in CMakeLists.txt."""

import os
import re

from conan import ConanFile
from conan.errors import ConanException, ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy, load
from conan.tools.layout import basic_layout
from conan.tools.scm import Version

required_conan_version = ">=2.0"


class VeilsumConan(ConanFile):
    name = "veilsum"
    description = "Verifiable aggregation of encrypted gradients: threshold Paillier, proofs, an auditable log"
    license = "Apache-2.0"
    topics = ("cryptography", "paillier", "federated-learning", "threshold-cryptography", "header-only")
    package_type = "header-library"

    settings = "os", "arch", "compiler", "build_type"
    options = {"with_ntl": [True, False], "with_learn": [True, False]}
    default_options = {
        "with_ntl": False,
        "with_learn": False,
        # Without its assembly GMP is several times slower.
        "gmp/*:disable_assembly": False,
    }

    exports_sources = "CMakeLists.txt", "LICENSE", "include/*"
    no_copy_source = True

    @property
    def _oldest_compilers(self) -> dict[str, str]:
        # The oldest that the tests are run with. Others are let through with a warning.
        return {"gcc": "12", "clang": "14"}

    def set_version(self) -> None:
        text = load(self, os.path.join(self.recipe_folder, "CMakeLists.txt"))
        found = re.search(r"project\(veilsum\s+VERSION\s+([0-9]+\.[0-9]+\.[0-9]+)", text)
        if found is None:
            raise ConanException("CMakeLists.txt: no line project(veilsum VERSION x.y.z")
        self.version = found.group(1)

    def layout(self) -> None:
        basic_layout(self)

    def requirements(self) -> None:
        # Inline code of the headers calls these, so that programs compile against them and link them.
        self.requires("gmp/[>=6.2.1 <7]", transitive_headers=True, transitive_libs=True)
        self.requires("libsodium/[>=1.0.18 <1.1]", transitive_headers=True, transitive_libs=True)
        if self.options.with_ntl:
            self.requires("ntl/[>=11.5.1 <12]", transitive_headers=True, transitive_libs=True)
        if self.options.with_learn:
            self.requires("eigen/[>=3.4.0 <4]", transitive_headers=True, transitive_libs=True)
            self.requires("zlib/[>=1.2.11 <2]", transitive_headers=True, transitive_libs=True)

    def package_id(self) -> None:
        # Every configuration has the same files: the options choose what is required, not what is packaged.
        self.info.clear()

    def validate(self) -> None:
        check_min_cppstd(self, 20)
        if self.settings.os == "Windows":
            raise ConanInvalidConfiguration("veilsum: the log's storage needs POSIX files; Windows has none")
        compiler = str(self.settings.compiler)
        oldest = self._oldest_compilers.get(compiler)
        if oldest is None:
            self.output.warning(f"veilsum is not tested with {compiler}")
        elif Version(self.settings.compiler.version) < oldest:
            raise ConanInvalidConfiguration(
                f"veilsum needs {compiler} {oldest} or newer, this is {self.settings.compiler.version}"
            )

    def build(self) -> None:
        pass  # headers only

    def package(self) -> None:
        copy(self, "LICENSE", src=self.source_folder, dst=os.path.join(self.package_folder, "licenses"))
        include = os.path.join(self.source_folder, "include")
        copy(self, "*.hpp", src=include, dst=os.path.join(self.package_folder, "include"))

    def package_info(self) -> None:
        self.cpp_info.set_property("cmake_file_name", "veilsum")
        # The component `core` is veilsum::veilsum, so the target of all components needs another name.
        self.cpp_info.set_property("cmake_target_name", "veilsum::all")
        self.cpp_info.set_property("pkg_config_name", "veilsum-all")

        core = self._component("core", "veilsum::veilsum", "veilsum")
        core.requires = ["gmp::libgmp", "libsodium::libsodium"]
        if self.settings.os in ("Linux", "FreeBSD"):
            core.system_libs = ["pthread"]
        if self.options.with_ntl:
            self._component("ntl", "veilsum::ntl", "veilsum-ntl").requires = ["core", "ntl::ntl"]
        if self.options.with_learn:
            self._component("learn", "veilsum::learn", "veilsum-learn").requires = ["core", "eigen::eigen", "zlib::zlib"]

    def _component(self, name: str, target: str, pkg_config: str):
        component = self.cpp_info.components[name]
        component.set_property("cmake_target_name", target)
        component.set_property("pkg_config_name", pkg_config)
        component.bindirs = []
        component.libdirs = []
        return component
