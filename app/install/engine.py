"""Build llama.cpp for this processor, keep the wheel for every checkout, install it.

Knows compilers and processor features; does not know whether the result works: app/install/__main__.py proves that
with a model. Two facts decide the recipe. GCC before 12.4, 13.3 and 14 removes stores to the AMX tile configuration
(GCC PR 114098), so its native build crashes on an AMX processor: there AMX is left out. Clang from 19 on is right.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.install.machine import cache_directory, require_space
from app.install.packages import ENGINE, engine_version
from app.install.progress import InstallError

if TYPE_CHECKING:
    from app.install.packages import Environment

SPACE_GIGABYTES = 1.5
NEWEST_CLANG, OLDEST_RIGHT_CLANG = 23, 19
GCC_WITH_RIGHT_AMX = {12: (12, 4), 13: (13, 3)}
"""Major version -> the first release that compiles AMX rightly; older majors never do, newer ones always."""
WITHOUT_AMX = "-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"
LIBRARY_ONLY = tuple(
    f"-D{name}=OFF"
    for name in ("LLAVA_BUILD", "LLAMA_BUILD_TOOLS", "LLAMA_BUILD_SERVER", "LLAMA_BUILD_EXAMPLES", "LLAMA_BUILD_TESTS")
)
WITHOUT_COMMON = "set(LLAMA_BUILD_COMMON OFF)\n"
"""Shadows what llama-cpp-python forces: its command-line library is never loaded and costs 40 % of the build."""
GPUS = {
    "cuda": ("GGML_CUDA", "nvcc"),
    "vulkan": ("GGML_VULKAN", "glslc"),
    "rocm": ("GGML_HIP", "hipcc"),
    "metal": ("GGML_METAL", "cc"),
}
"""Choice -> llama.cpp's option and the program its toolkit brings."""


@dataclass(frozen=True)
class Compiler:
    """A C and C++ compiler and the first line it says about its version."""

    c: str
    cxx: str
    version: str


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a built engine is."""

    version: str
    compiler: Compiler
    processor: str
    options: tuple[str, ...]

    @property
    def key(self) -> str:
        """Return a folder name that differs whenever the build would. The wheel itself fits any Python 3."""
        system = " ".join((platform.system(), platform.machine(), *platform.libc_ver()))
        text = "\n".join((self.version, self.compiler.version, system, self.processor, *self.options))
        return f"{self.version}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def recipe(root: Path, *, gpu: str, cpu: str) -> Recipe:
    """Choose compiler and flags.

    Args:
        root: the checkout, whose constraints name the version.
        gpu: "", "none" or a key of GPUS.
        cpu: "" for this very processor, "portable" for any with AVX2.

    Raises:
        InstallError: for an unknown choice, a missing compiler or GPU toolkit.
    """
    if cpu not in {"", "native", "portable"}:
        raise InstallError(f"CPU={cpu} is not known. Leave it out, or say CPU=portable.")
    compiler, processor = find_compiler(), processor_features()
    native = "OFF" if cpu == "portable" else "ON"
    options = (f"-DGGML_NATIVE={native}", *LIBRARY_ONLY, *gpu_options(gpu), *without_amx(compiler, processor))
    return Recipe(engine_version(root), compiler, "" if cpu == "portable" else processor, options)


def build(environment: Environment, wanted: Recipe) -> Path:
    """Return the wheel of the recipe, built now unless it is in the cache; an interrupted build goes on."""
    shelf = cache_directory() / "wheels" / wanted.key
    built = sorted(shelf.glob("*.whl"))
    if built:
        return built[0]
    work = cache_directory() / "build" / wanted.key
    require_space(work, SPACE_GIGABYTES, "Building llama.cpp")
    source = _source(environment, wanted.version, work)
    without_common = work / "without_common.cmake"
    without_common.write_text(WITHOUT_COMMON, encoding="utf-8")
    options = [*wanted.options, f"-DCMAKE_PROJECT_llama_cpp_INCLUDE={without_common.as_posix()}"]
    settings = [f"--config-settings=build-dir={work / 'objects'}", "--config-settings=cmake.verbose=false"]
    environment.pip(
        "Building llama.cpp for this machine (5 to 10 minutes on two cores, once)",
        "engine",
        ["wheel", "-v", "--no-deps", "-w", str(work / "wheel"), *settings, str(source)],
        CMAKE_ARGS=" ".join(f"'{option}'" if " " in option else option for option in options),
        **({"CC": wanted.compiler.c, "CXX": wanted.compiler.cxx} if os.name != "nt" else {}),
    )
    shelf.mkdir(parents=True, exist_ok=True)
    (wheel,) = (work / "wheel").glob("*.whl")
    wheel.replace(shelf / wheel.name)
    shutil.rmtree(work)
    return shelf / wheel.name


def install(environment: Environment, wheel: Path) -> None:
    """Put the wheel into the environment, in place of another build of the same version."""
    exchange = ["install", "--force-reinstall", "--no-deps", str(wheel)]
    environment.pip("Installing the engine", "engine-install", exchange)


def find_compiler() -> Compiler:
    """Return the compiler to build with: CC and CXX, a clang that is right about AMX and has OpenMP, else the system's.

    Raises:
        InstallError: when there is none, with the command that installs one.
    """
    pairs = [(f"clang-{version}", f"clang++-{version}") for version in range(NEWEST_CLANG, OLDEST_RIGHT_CLANG - 1, -1)]
    pairs = [pair for pair in pairs if _has_openmp(pair[0])] if sys.platform.startswith("linux") else []
    given = [(os.environ["CC"], os.environ.get("CXX", os.environ["CC"]))] if os.environ.get("CC") else []
    for c, cxx in [*given, *pairs, ("gcc", "g++"), ("clang", "clang++"), ("cc", "c++")]:
        version = _first_line(c, "--version")
        if version and _first_line(cxx, "--version"):
            return Compiler(c, cxx, version)
    if os.name == "nt" and _visual_studio():
        return Compiler("cl", "cl", _visual_studio())
    remedy = {"win32": "winget install Microsoft.VisualStudio.2022.BuildTools", "darwin": "xcode-select --install"}
    how = remedy.get(sys.platform, "Debian, Ubuntu: sudo apt-get install build-essential")
    raise InstallError(
        f"Building llama.cpp needs a C and C++ compiler, and none was found. Install one ({how}), "
        "then run the same command again."
    )


def processor_features() -> str:
    """Return what this processor can do, as one line that changes when a native build for it would."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return f"{platform.machine()} {_first_line('sysctl', '-n', 'machdep.cpu.brand_string') or platform.processor()}"
    found = re.search(r"^(?:flags|Features)\s*:\s*(.*)$", text, re.MULTILINE)
    return f"{platform.machine()} {' '.join(sorted(found[1].split())) if found else ''}"


def without_amx(compiler: Compiler, processor: str) -> tuple[str, ...]:
    """Return the flags that leave AMX out where this compiler gets it wrong."""
    release = re.search(r"\b(\d+)\.(\d+)\.\d+", compiler.version)
    if "amx_tile" not in processor or "clang" in compiler.version or release is None:
        return ()
    number = (int(release[1]), int(release[2]))
    if number >= GCC_WITH_RIGHT_AMX.get(number[0], (14, 0)):
        return ()
    return (f"-DCMAKE_C_FLAGS={WITHOUT_AMX}", f"-DCMAKE_CXX_FLAGS={WITHOUT_AMX}")


def gpu_options(gpu: str) -> tuple[str, ...]:
    """Return llama.cpp's option for a choice of GPUS, "none" or "".

    Raises:
        InstallError: for an unknown choice or a missing toolkit.
    """
    if gpu in {"", "none"}:
        return ()
    if gpu not in GPUS:
        raise InstallError(f"GPU={gpu} is not known. Say one of: {', '.join(GPUS)}, none.")
    option, program = GPUS[gpu]
    if shutil.which(program) is None:
        raise InstallError(
            f"GPU={gpu} needs the program {program}, which was not found. Install it or leave GPU={gpu} out."
        )
    return (f"-D{option}=ON",)


def _source(environment: Environment, version: str, work: Path) -> Path:
    """Return the unpacked source distribution; unpacked, because pip would reuse a wheel of other flags otherwise."""
    source = work / "source" / f"llama_cpp_python-{version}"
    if not (work / "unpacked").exists():
        download = ["download", "--no-deps", "--no-binary", ENGINE, "-d", str(work), f"{ENGINE}=={version}"]
        environment.pip("Downloading the source of llama.cpp (77 MB)", "engine-source", download)
        (archive,) = work.glob("llama_cpp_python-*.tar.gz")
        shutil.unpack_archive(str(archive), str(work / "source"))
        (work / "unpacked").touch()
        archive.unlink()
    return source


def _has_openmp(compiler: str) -> bool:
    """Tell whether a program with OpenMP can be built: without it llama.cpp's threads spin and slow each other down."""
    if shutil.which(compiler) is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "probe.c"
        program.write_text("#include <omp.h>\nint main(void) { return omp_get_max_threads() < 1; }\n", encoding="utf-8")
        command = [compiler, "-fopenmp", str(program), "-o", str(program.with_suffix(".out"))]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _first_line(*command: str) -> str:
    """Return the first line a command prints, or nothing where it is missing or fails."""
    try:
        done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return done.stdout.partition("\n")[0].strip() if done.returncode == 0 else ""


def _visual_studio() -> str:
    """Return where Visual Studio's C++ tools are, or nothing."""
    finder = Path(os.environ.get("PROGRAMFILES(X86)", "")) / "Microsoft Visual Studio" / "Installer" / "vswhere.exe"
    tools = "Microsoft.VisualStudio.Component.VC.Tools.x86.x64"
    return _first_line(str(finder), "-latest", "-products", "*", "-requires", tools, "-property", "installationPath")
