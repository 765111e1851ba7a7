#!/usr/bin/env python3
"""What an include of veilsum costs: processor time to compile a file that has that one line.

    python3 benchmarks/compile_time.py                          g++ and clang++, whichever are installed
    python3 benchmarks/compile_time.py --compiler g++ --repeats 9 --out compile_time.json

Each umbrella header, least time of some repeats, unoptimised, without a compiler cache. `nothing` is an empty file,
`libraries` is what veilsum includes of others (the standard library, GMP, libsodium, the processor's intrinsics): the
part that no change to veilsum can remove while it uses them. Wanted are 4 s for veilsum.hpp and 2 s for
any other; a header that takes longer is measured once more as it is in a project that precompiles it
(target_precompile_headers). A machine that is busy makes all of it longer.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

WANTED_SECONDS, WANTED_SECONDS_OF_ALL = 2.0, 4.0
ROOT = Path(__file__).resolve().parent.parent
NOT_EVERYWHERE = re.compile(r"<(veilsum|Eigen|NTL|omp\.h|zlib\.h)")  # of other targets, or of one compiler's option


def library_includes(include: Path) -> str:
    """The lines by which the headers include other libraries, each once."""
    lines: set[str] = set()
    for header in include.rglob("*.hpp"):
        if header.parent.name != "learn" and not header.name.startswith("ntl_"):
            text = header.read_text(encoding="utf-8")
            lines.update(line for line in re.findall(r"^#include <[^>]+>", text, re.MULTILINE))
    return "\n".join(sorted(line for line in lines if not NOT_EVERYWHERE.search(line))) + "\n"


def processor_seconds(command: list[str]) -> float | None:
    """User and system time of the command and its children; None where it fails."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    errors = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode != 0:
        sys.stderr.write(errors.decode(errors="replace")[:2000])
        return None
    return used.ru_utime + used.ru_stime


def compile_command(compiler: str, options: list[str], file: Path) -> list[str]:
    return [compiler, "-std=c++20", *options, "-c", str(file), "-o", f"{file}.o"]


def with_precompiled(compiler: str, options: list[str], file: Path) -> list[str] | None:
    """The command for a file whose line a project precompiles, as CMake does it; None where that fails."""
    header = file.with_suffix(".hpp")
    shutil.copy(file, header)
    clang = "clang" in Path(compiler).name
    made = f"{header}.pch" if clang else f"{header}.gch"
    precompile = [compiler, "-std=c++20", *options, "-x", "c++-header", str(header), "-o", made]
    if processor_seconds(precompile) is None:
        return None
    use = ["-include-pch", made] if clang else ["-include", str(header)]
    return compile_command(compiler, [*use, *options], file)


def eigen_flags() -> list[str] | None:
    """How the compiler finds Eigen; None where it is not installed."""
    for folder in ("/usr/include/eigen3", "/usr/local/include/eigen3", "/opt/homebrew/include/eigen3"):
        if Path(folder, "Eigen/Core").exists():
            return ["-isystem", folder]
    return None


def processor_name() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found.group(1) if found else platform.processor() or platform.machine()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compiler", action="append", help="may be given again; default: g++ and clang++")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--include", type=Path, default=ROOT / "include", help="the folder of the headers")
    parser.add_argument("--out", type=Path, help="also write the figures there, as JSON")
    given = parser.parse_args()
    if given.repeats < 1:
        parser.error("--repeats: at least 1")
    umbrellas = sorted(path.stem for path in (given.include / "veilsum").glob("*.hpp"))
    if "veilsum" not in umbrellas:
        parser.error(f"--include: {given.include} has no veilsum/veilsum.hpp")
    compilers = given.compiler or [name for name in ("g++", "clang++") if shutil.which(name)]
    if not compilers:
        parser.error("neither g++ nor clang++ was found; name one with --compiler")

    sources = {"nothing": "", "libraries": library_includes(given.include)}
    sources |= {f"veilsum/{name}.hpp": f"#include <veilsum/{name}.hpp>\n" for name in umbrellas}
    results: list[dict[str, Any]] = []
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "unit.cpp")
        for compiler in compilers:
            version = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True)

            def measure(unit: str, command: list[str] | None, precompiled: bool) -> float:
                """Least seconds; 0 where it does not compile."""
                nonlocal failed
                times = [processor_seconds(command) if command else None for _ in range(given.repeats)]
                known = [seconds for seconds in times if seconds is not None]
                way = "precompiled" if precompiled else ""
                if len(known) < given.repeats:
                    print(f"{unit:26} {compiler:10} {way:11} FAILED")
                    failed = True
                    return 0
                print(f"{unit:26} {compiler:10} {way:11} {min(known):6.2f} s", flush=True)
                results.append(
                    {
                        "unit": unit,
                        "compiler": version.stdout.splitlines()[0],
                        "precompiled": precompiled,
                        "least_seconds": round(min(known), 3),
                        "most_seconds": round(max(known), 3),
                    }
                )
                return min(known)

            for unit, text in sources.items():
                eigen = eigen_flags() if unit == "veilsum/learn.hpp" else []
                if eigen is None:
                    print(f"{unit:26} {compiler:10} skipped: Eigen was not found")
                    continue
                file.write_text(text, encoding="utf-8")
                options = [f"-I{given.include}", *eigen]
                wanted = WANTED_SECONDS_OF_ALL if unit == "veilsum/veilsum.hpp" else WANTED_SECONDS
                if measure(unit, compile_command(compiler, options, file), False) > wanted:
                    measure(unit, with_precompiled(compiler, options, file), True)
    if given.out:
        machine = {"processor": processor_name(), "cpus": os.cpu_count(), "load_at_end": os.getloadavg()[0]}
        report = {"machine": machine, "repeats": given.repeats, "results": results}
        given.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
