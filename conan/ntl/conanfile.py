"""NTL, which Conan Center does not have: a static, thread-safe library over GMP, from the official source.

    conan create conan/ntl --version 11.5.1 --build=missing

Not run by a Conan client so far (docs/dependencies.md).
"""

import os

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import build_jobs
from conan.tools.files import copy, get, rmdir
from conan.tools.gnu import AutotoolsToolchain
from conan.tools.layout import basic_layout

required_conan_version = ">=2.0"


class NtlConan(ConanFile):
    name = "ntl"
    description = "A library for doing number theory"
    license = "LGPL-2.1-or-later"
    homepage = "https://libntl.org"
    topics = ("number-theory", "integers")
    package_type = "static-library"

    settings = "os", "arch", "compiler", "build_type"
    options = {"fPIC": [True, False]}
    default_options = {"fPIC": True, "gmp/*:disable_assembly": False}

    def layout(self) -> None:
        basic_layout(self, src_folder="src")

    def requirements(self) -> None:
        # NTL/ZZ.h does not include gmp.h, but the static library calls GMP.
        self.requires("gmp/[>=6.2.1 <7]", transitive_libs=True)

    def validate(self) -> None:
        if self.settings.os == "Windows":
            raise ConanInvalidConfiguration("ntl: this recipe runs NTL's configure, which needs a POSIX shell")

    def source(self) -> None:
        get(self, **self.conan_data["sources"][self.version], strip_root=True)

    def generate(self) -> None:
        AutotoolsToolchain(self).generate()  # CXX and its flags, of the profile

    def build(self) -> None:
        # NTL's configure is a Perl script in src/ that takes NAME=VALUE and builds in place. NATIVE and TUNE are
        # off: the package must run on other processors than the one that builds it.
        flags = "-O2" + (" -fPIC" if self.options.fPIC else "")
        arguments = {
            "CXX": "${CXX:-c++}",
            "CXXFLAGS": f"{flags} $CXXFLAGS",
            "LDFLAGS": "$LDFLAGS",
            "PREFIX": self.package_folder,
            "GMP_PREFIX": self.dependencies["gmp"].package_folder,
            "NTL_GMP_LIP": "on",
            "NTL_THREADS": "on",
            "SHARED": "off",
            "NATIVE": "off",
            "TUNE": "generic",
        }
        quoted = " ".join(f'{name}="{value}"' for name, value in arguments.items())
        folder = os.path.join(self.source_folder, "src")
        self.run(f"./configure {quoted}", cwd=folder)
        self.run(f"make -j{build_jobs(self)}", cwd=folder)

    def package(self) -> None:
        licenses = os.path.join(self.package_folder, "licenses")
        copy(self, "copying.txt", src=os.path.join(self.source_folder, "doc"), dst=licenses)
        self.run("make install", cwd=os.path.join(self.source_folder, "src"))
        rmdir(self, os.path.join(self.package_folder, "share"))

    def package_info(self) -> None:
        self.cpp_info.libs = ["ntl"]
        self.cpp_info.requires = ["gmp::libgmp"]
        if self.settings.os in ("Linux", "FreeBSD"):
            self.cpp_info.system_libs = ["m", "pthread"]
