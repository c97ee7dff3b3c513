"""The installation: each missing prerequisite is one sentence, each finished step is skipped the next time."""

import ast
import errno
import os
import re
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from app.install import __main__ as commands
from app.install import engine, kept, machine, packages
from app.install.engine import Compiler, Recipe
from app.install.packages import Environment
from app.install.progress import CommandFailedError, InstallError, run
from app.settings import Settings

MODULES = sorted((packages.ROOT / "app" / "install").glob("*.py"))
SENTENCE = re.compile(r"[A-Z][^\n]*[.]")
GCC = "gcc (Debian {0}.0-14) {0}.0"
AMX = "x86_64 amx_bf16 amx_int8 amx_tile avx2"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point the cache into a folder of the test, whatever the system."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(engine, "cache_directory", lambda: folder)
    monkeypatch.setattr(packages, "cache_directory", lambda: folder)
    monkeypatch.setattr(kept, "cache_directory", lambda: folder)
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with nothing but the two files an installation reads."""
    root = tmp_path / "checkout"
    root.mkdir()
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(packages.ROOT / name, root)
    return root


@pytest.fixture
def empty_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Leave no program to be found."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("CC", raising=False)
    return folder


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_every_module_is_understood_by_python_3_8(module: Path) -> None:
    ast.parse(module.read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_only_the_standard_library_is_imported(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            assert name.startswith("app.install") or name.split(".")[0] in sys.stdlib_module_names


def test_an_unsupported_python_is_told_which_ones_are_supported(empty_path: Path) -> None:
    with pytest.raises(InstallError, match=r"3\.11, 3\.12 or 3\.13, and this is 3\.8\. Install one") as caught:
        machine.other_python((3, 8, 18))
    assert SENTENCE.fullmatch(str(caught.value))


@pytest.mark.skipif(os.name == "nt", reason="Windows needs a privilege for links")
def test_a_supported_python_beside_is_used_instead(empty_path: Path) -> None:
    beside = empty_path / f"python3.{sys.version_info[1]}"
    beside.symlink_to(sys.executable)
    assert machine.other_python((3, 8, 18)) == str(beside)


def test_this_python_is_used_where_it_is_supported() -> None:
    assert machine.other_python() is None


def test_a_missing_compiler_is_one_sentence_with_the_remedy(empty_path: Path) -> None:
    with pytest.raises(InstallError, match=r"needs a C and C\+\+ compiler, and none was found\. Install one") as caught:
        engine.recipe(packages.ROOT, gpu="", cpu="")
    assert SENTENCE.fullmatch(str(caught.value))


def test_a_full_disk_is_noticed_before_a_step_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - the shape shutil.disk_usage returns
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12, 2_400_000_000))
    machine.require_space(tmp_path, 2.4, "Installing Inhouse")
    with pytest.raises(InstallError, match=r"needs 4\.0 GB, and .* has 2\.4 GB free\. Free 1\.6 GB more") as caught:
        machine.require_space(tmp_path / "not" / "yet", 4.0, "Installing Inhouse")
    assert SENTENCE.fullmatch(str(caught.value))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device that is always full")
def test_a_disk_that_fills_up_during_a_step_is_one_sentence_with_the_remedy(tmp_path: Path) -> None:
    write = [sys.executable, "-c", "with open('/dev/full', 'w') as file: file.write('wheel')"]
    with pytest.raises(CommandFailedError, match=r"Building: the disk is full\. Free some space") as caught:
        run("Building (10 minutes)", write, log=tmp_path / "log")
    assert "Traceback" in caught.value.output
    assert SENTENCE.fullmatch(str(caught.value))


def test_no_network_is_one_sentence_with_the_remedy(tmp_path: Path) -> None:
    unreachable = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "1"}
    unreachable |= {"PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": "", "PIP_CONSTRAINT": ""}
    download = [sys.executable, "-m", "pip", "download", "--no-deps", "-d", str(tmp_path), "alembic"]
    with pytest.raises(CommandFailedError, match=r"the network cannot be reached.*mirror") as caught:
        run("Installing the Python packages", download, log=tmp_path / "log", environment=unreachable)
    assert SENTENCE.fullmatch(str(caught.value))


def test_any_other_failure_gives_its_own_last_error_and_where_the_rest_is(tmp_path: Path) -> None:
    script = "print('fatal error: omp.h not found'); print('make: leaving'); raise SystemExit(2)"
    with pytest.raises(CommandFailedError) as caught:
        run("Building", [sys.executable, "-c", script], log=tmp_path / "log")
    assert (
        str(caught.value)
        == f"Building failed: fatal error: omp.h not found (everything it said is in {tmp_path / 'log'})."
    )


def test_a_long_step_shows_its_time_and_its_last_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = "import time; print('[3/83] Building CXX object', flush=True); time.sleep(2.6)"
    run("Building", [sys.executable, "-c", script], log=tmp_path / "log")
    title, beat, done = capsys.readouterr().out.splitlines()
    assert title == "Building"
    assert re.fullmatch(r"  \d s  \[3/83\] Building CXX object", beat)
    assert re.fullmatch(r"  done in \d s *", done)


def test_the_cache_is_the_one_the_product_uses() -> None:
    assert machine.cache_directory() == Settings.model_construct().cache


def test_a_half_made_environment_is_made_again_and_a_whole_one_is_kept(checkout: Path, cache: Path) -> None:
    half = Environment(checkout)
    trace = half.folder / "trace"
    half.folder.mkdir()
    trace.touch()
    half.create()
    assert not trace.exists()
    trace.touch()
    half.create()
    assert trace.exists()
    assert half.call("-m", "pip", "--version") == 0


def test_what_a_command_compiled_is_kept_whatever_the_shell_says(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    environment = Environment(checkout)
    environment.python = sys.executable
    assert environment.call("-c", "import sys; sys.exit(sys.dont_write_bytecode)") == 0
    assert environment.call("-c", "import os, sys; sys.exit(os.environ['A'] != 'b')", A="b") == 0


def test_a_damaged_memory_counts_as_nothing_done(checkout: Path) -> None:
    environment = Environment(checkout)
    environment.folder.mkdir()
    environment.remember("engine", "a")
    environment.remember("packages", {"digest": "b"})
    assert environment.recall("engine") == "a"
    (environment.folder / "inhouse.json").write_text('{"engine": "a', encoding="utf-8")
    assert environment.recall("engine") is None


def test_installed_packages_are_not_installed_again(checkout: Path, cache: Path) -> None:
    environment = Environment(checkout)
    python = Path(environment.python)
    python.parent.mkdir(parents=True)
    python.touch()  # not a program: running it would fail
    environment.remember("place", str(environment.folder))
    environment.remember("packages", {"digest": packages.digest(checkout), "development": True})
    environment.install(development=True)
    with (checkout / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n[tool.somebody]\nsetting = 1\n")
    environment.install(development=False)
    (checkout / "constraints.txt").write_text("numpy==1.0\n", encoding="utf-8")
    with pytest.raises(OSError, match=re.escape(python.name)):
        environment.install(development=False)


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """An environment with a package and its program, as pip leaves them."""
    environment = tmp_path / "first" / ".venv"
    package = environment / "lib" / "python3" / "site-packages" / "package"
    package.mkdir(parents=True)
    (package / "code.py").write_text("answer = 42\n", encoding="utf-8")
    (environment / "bin").mkdir()
    program = environment / "bin" / "program"
    program.write_text(f"#!{environment}/bin/python3\nimport package\n", encoding="utf-8")
    program.chmod(0o755)
    (environment / "bin" / "binary").write_bytes(b"\x7fELF")
    (environment / "bin" / "activate").write_text(f"cd {environment}\n", encoding="utf-8")
    return environment


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """An environment as venv makes it: with an older package of its own, and the scripts that carry its place."""
    environment = tmp_path / "second" / ".venv"
    older = environment / "lib" / "python3" / "site-packages" / "package" / "gone.py"
    older.parent.mkdir(parents=True)
    older.touch()
    (environment / "bin").mkdir()
    (environment / "bin" / "activate").write_text("its own", encoding="utf-8")
    return environment


POSIX = pytest.mark.skipif(os.name == "nt", reason="nothing is kept on Windows")


@POSIX
def test_what_pip_unpacked_is_there_in_the_next_checkout(cache: Path, unpacked: Path, second: Path) -> None:
    assert not kept.restore("key", second)
    kept.keep("key", unpacked)
    assert not kept.restore("other", second)
    assert kept.restore("key", second)
    package = second / "lib/python3/site-packages/package"
    assert {path.name for path in package.iterdir()} == {"code.py"}
    assert (package / "code.py").read_text(encoding="utf-8") == "answer = 42\n"
    assert (second / "bin/program").read_text(encoding="utf-8") == f"#!{second}/bin/python3\nimport package\n"
    assert os.access(second / "bin/program", os.X_OK)
    assert (second / "bin/binary").read_bytes() == b"\x7fELF"
    assert (second / "bin/activate").read_text(encoding="utf-8") == "its own"


@POSIX
def test_what_was_compiled_of_kept_packages_is_kept_and_nothing_else(cache: Path, unpacked: Path, second: Path) -> None:
    kept.keep("key", unpacked)
    packages_folder = unpacked / "lib/python3/site-packages"
    for name in ("package/__pycache__/code.pyc", "package/__pycache__/code.pyc.123", "later/__pycache__/own.pyc"):
        (packages_folder / name).parent.mkdir(parents=True, exist_ok=True)
        (packages_folder / name).touch()
    kept.keep_compiled("key", unpacked)
    assert kept.restore("key", second)
    assert {path.name for path in second.rglob("*.pyc*")} == {"code.pyc"}


@POSIX
def test_an_environment_somebody_has_thinned_out_is_not_used(cache: Path, unpacked: Path, second: Path) -> None:
    kept.keep("key", unpacked)
    next(cache.rglob("code.py")).unlink()
    assert not kept.restore("key", second)
    kept.keep("key", unpacked)
    assert next(cache.rglob("code.py"))


@POSIX
def test_only_the_newest_environments_are_kept(cache: Path, unpacked: Path) -> None:
    for place, key in enumerate("abcd"):
        kept.keep(key, unpacked)
        os.utime(cache / "environments" / key, (place, place))
    kept.keep("e", unpacked)
    assert {path.name for path in (cache / "environments").iterdir()} == {"d", "e"}


@POSIX
def test_a_full_disk_means_that_nothing_is_kept(cache: Path, unpacked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    monkeypatch.setattr(shutil, "copy2", full)
    kept.keep("key", unpacked)
    assert list((cache / "environments").iterdir()) == []


def test_the_engine_is_not_among_the_packages_pip_installs() -> None:
    plain = packages.requirements(packages.ROOT, development=False)
    development = packages.requirements(packages.ROOT, development=True)
    assert not any(name.startswith("llama") for name in development)
    assert any(name.startswith("setuptools") for name in plain)
    assert {re.split(r"[<>=]", name)[0] for name in development} > {"pytest", "gradio"}


def test_every_requirement_is_pinned_by_name_and_version_only() -> None:
    pins = [line for line in (packages.ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", pin) for pin in pins)
    pinned = {re.sub(r"[-_.]+", "-", pin.partition("==")[0]).lower() for pin in pins}
    for name in packages.requirements(packages.ROOT, development=True):
        assert re.sub(r"[-_.]+", "-", re.split(r"[<>=\[;]", name)[0]).lower() in pinned


@pytest.mark.parametrize(
    ("release", "amx"), [("11.5", False), ("12.2", False), ("12.4", True), ("13.3", True), ("14.1", True)]
)
def test_amx_is_left_out_exactly_where_gcc_gets_it_wrong(release: str, amx: bool) -> None:  # noqa: FBT001 - a parameter of the table
    flags = engine.without_amx(Compiler("gcc", "g++", GCC.format(release)), AMX)
    assert not flags if amx else "-mno-amx-tile" in flags[0]


def test_amx_stays_with_clang_and_without_amx_nothing_is_left_out() -> None:
    assert not engine.without_amx(Compiler("clang-19", "clang++-19", "Debian clang version 19.1.7 (3~deb12u1)"), AMX)
    assert not engine.without_amx(Compiler("gcc", "g++", GCC.format("12.2")), "x86_64 avx2")


def test_another_compiler_processor_or_choice_is_another_build() -> None:
    compiler = Compiler("gcc", "g++", GCC.format("12.2"))
    recipes = [
        Recipe("0.3.36", compiler, AMX, ("-DGGML_NATIVE=ON",)),
        Recipe("0.3.36", compiler, "x86_64 avx2", ("-DGGML_NATIVE=ON",)),
        Recipe("0.3.36", compiler, AMX, ("-DGGML_NATIVE=OFF",)),
        Recipe("0.3.36", Compiler("gcc", "g++", GCC.format("14.1")), AMX, ("-DGGML_NATIVE=ON",)),
        Recipe("0.3.37", compiler, AMX, ("-DGGML_NATIVE=ON",)),
    ]
    assert len({recipe.key for recipe in recipes}) == len(recipes)


@pytest.mark.parametrize(("gpu", "cpu"), [("banana", ""), ("", "banana")])
def test_an_unknown_choice_is_one_sentence(gpu: str, cpu: str) -> None:
    with pytest.raises(InstallError, match="banana is not known") as caught:
        engine.recipe(packages.ROOT, gpu=gpu, cpu=cpu)
    assert SENTENCE.fullmatch(str(caught.value))


def test_a_missing_gpu_toolkit_is_one_sentence(empty_path: Path) -> None:
    with pytest.raises(InstallError, match="GPU=cuda needs the program nvcc"):
        engine.gpu_options("cuda")


def test_a_wheel_in_the_cache_is_not_built_again(checkout: Path, cache: Path, empty_path: Path) -> None:
    recipe = Recipe("0.3.36", Compiler("gcc", "g++", GCC.format("12.2")), AMX, ())
    wheel = cache / "wheels" / recipe.key / "llama_cpp_python-0.3.36-py3-none-any.whl"
    wheel.parent.mkdir(parents=True)
    wheel.touch()
    assert engine.build(Environment(checkout), recipe) == wheel


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for the environment's Python is a shell script")
def test_an_interrupted_build_keeps_its_objects_and_a_finished_one_leaves_only_the_wheel(
    checkout: Path, cache: Path, tmp_path: Path
) -> None:
    """The environment's Python is a script: it delivers a source archive, fails the first build, ends the second.

    Like the pip of Debian 12 (23.0) it knows no option -C.
    """
    (tmp_path / "llama_cpp_python-0.3.36").mkdir()
    archive = shutil.make_archive(str(tmp_path / "source"), "gztar", tmp_path, "llama_cpp_python-0.3.36")
    recipe = Recipe("0.3.36", Compiler("gcc", "g++", GCC.format("12.2")), AMX, ("-DGGML_NATIVE=ON",))
    work = cache / "build" / recipe.key
    environment = Environment(checkout)
    python = Path(environment.python)
    python.parent.mkdir(parents=True)
    python.write_text(
        '#!/bin/sh\ncase "$*" in\n*" -C "*) exit 2;;\n'
        f'*"pip download"*) cp {archive} {work}/llama_cpp_python-0.3.36.tar.gz;;\n'
        f"*objects*) if [ -e {work}/objects ]; then mkdir {work}/wheel; echo $CMAKE_ARGS > {work}/wheel/a.whl;\n"
        f"  else mkdir {work}/objects; exit 1; fi;;\nesac\n",
        encoding="utf-8",
    )
    python.chmod(0o755)
    work.mkdir(parents=True)
    with pytest.raises(CommandFailedError):
        engine.build(environment, recipe)
    wheel = engine.build(environment, recipe)
    assert wheel == cache / "wheels" / recipe.key / "a.whl"
    assert wheel.read_text().startswith("-DGGML_NATIVE=ON -DCMAKE_PROJECT_llama_cpp_INCLUDE=")
    assert not work.exists()


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for the environment's Python is a shell script")
def test_an_engine_that_crashes_is_replaced_by_a_portable_one_and_stays_so(
    checkout: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The environment's Python is a script whose model probe dies as long as the native wheel is installed."""
    environment = Environment(checkout)
    python = Path(environment.python)
    python.parent.mkdir(parents=True)
    installed = checkout / "installed"
    python.write_text(
        f'#!/bin/sh\ncase "$*" in\n*"pip install"*) echo "$*" >> {installed};;\n'
        f"*models.probe*) grep -q portable {installed} || kill -SEGV $$;;\nesac\n",
        encoding="utf-8",
    )
    python.chmod(0o755)
    for cpu in ("native", "portable"):
        monkeypatch.delenv("CPU", raising=False)
        shelf = cache / "wheels" / engine.recipe(checkout, gpu="", cpu=cpu).key
        shelf.mkdir(parents=True)
        (shelf / f"{cpu}.whl").touch()
    commands.install_engine(environment)
    assert "native.whl" in installed.read_text()
    commands.prove_engine(environment, "tiny")
    assert "portable.whl" in installed.read_text()
    assert "Building one for any processor instead" in capsys.readouterr().out
    commands.install_engine(environment)
    commands.prove_engine(environment, "tiny")
    assert capsys.readouterr().out == ""


def test_an_unknown_command_says_which_there_are() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.install", "install"], cwd=packages.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: python3 -m app.install run|test|")


@pytest.mark.parametrize(
    ("fault", "remedy"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/cache/logs/venv.log"), "Free some space"),
        (PermissionError(errno.EACCES, "Permission denied", "/cache"), "/cache cannot be used: Permission denied."),
    ],
)
def test_a_fault_of_the_disk_outside_a_step_reaches_the_person_as_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fault: OSError, remedy: str
) -> None:
    def fail(*_: object) -> int:
        raise fault

    monkeypatch.setitem(commands.COMMANDS, "run", fail)
    assert commands.main(["run"]) == 1
    sentence = capsys.readouterr().err.strip()
    assert remedy in sentence
    assert sentence.endswith("then run the same command again; it goes on from here.")
    assert "\n" not in sentence


def test_a_choice_without_a_value_is_no_crash(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(commands.COMMANDS, "run", lambda _environment, words: len(words))
    assert commands.main(["run", "GPU"]) == 1
    assert commands.main(["GPU"]) == 2
    assert "Usage" in capsys.readouterr().err


def test_a_missing_prerequisite_reaches_the_person_as_one_line(checkout: Path, empty_path: Path) -> None:
    shutil.copytree(packages.ROOT / "app" / "install", checkout / "app" / "install")
    (checkout / "app" / "__init__.py").touch()
    script = "import sys; sys.version_info = (3, 9, 2); from app.install.__main__ import main; sys.exit(main(['run']))"
    done = subprocess.run([sys.executable, "-c", script], cwd=checkout, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert SENTENCE.fullmatch(done.stderr.strip())
