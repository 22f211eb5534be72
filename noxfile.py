"""All checks, each in a virtual environment of its own: `nox`, `nox --list`, `nox -s oldest`.

What stands behind `--` goes to pytest: `nox -s tests-3.12 -- -k duel`.
"""

import nox

PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)  # the classifiers'
OLDEST = ("gymnasium==1.1.*", "numpy==1.26.*")
TORCH = "torch==2.13.0"  # before what needs it: the version that comes without packages for GPUs
RAY = (
    "tests/interop/test_examples.py",
    "tests/interop/test_sweep_workers.py",
    "-k",
    "rllib or ray or interrupted",
)
INTEROP = {  # extras, and what pytest runs with them
    "newest": (
        "test,plots,duel,sweep,tensorboard,torch,sb3,torchrl,minari,openspiel,jax",
        ("tests/interop", "tests/test_docs.py", "tests/catmouse_env/jax", "tests/agents/test_jax_weights.py"),
    ),
    "older": ("test,duel,cluster,rllib", RAY),  # RLlib pins it
}
NO_SCREEN = {"SDL_VIDEODRIVER": "dummy"}

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "venv"
nox.options.sessions = ["lint", "types", "tests"]


@nox.session
def lint(session: nox.Session) -> None:
    """Style."""
    session.install(*(one for one in PROJECT["project"]["optional-dependencies"]["dev"] if "ruff" in one))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Types, of the packages and of a user's program."""
    session.install("-e", ".[dev,test]")
    session.run("mypy", "--strict")
    session.run("mypy", "--strict", "tests/data/user.py")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The core tests."""
    session.install("-e", ".[test]")
    session.run("pytest", "-n", "auto", *session.posargs, env=NO_SCREEN)


@nox.session
def oldest(session: nox.Session) -> None:
    """The core tests on the oldest supported libraries."""
    session.install("-e", ".[test]", *OLDEST)
    session.run("pytest", "-n", "auto", *session.posargs, env=NO_SCREEN)


@nox.session
def proof(session: nox.Session) -> None:
    """The certificates of the zoo whose check takes long."""
    session.install("-e", ".[test]")
    session.run("pytest", "-n", "auto", "-m", "slow", "tests/agents/test_certificate.py", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """The site, into docs/_build/html; every warning is an error. `-- -b linkcheck` asks every link."""
    session.install("-e", ".[docs]")
    built = session.posargs or ["-b", "html"]
    session.run("sphinx-build", "-W", "--keep-going", "-q", *built, "docs", "docs/_build/html", env=NO_SCREEN)


@nox.session
def browser(session: nox.Session) -> None:
    """The playground in Chromium, which comes from the system with its driver."""
    session.install("-e", ".[test,browser]")
    session.run("pytest", "-n", "2", "tests/page", *session.posargs)


@nox.session
def figures(session: nox.Session) -> None:
    """Every figure of README and docs anew, by the command beside it: hours. `-- --list` lists them."""
    session.install(TORCH)
    session.install("-e", ".[docs,benchmark,sweep,jax]")
    session.run("python", "docs/_scripts/figures.py", *session.posargs, env=NO_SCREEN)


@nox.session
@nox.parametrize("gymnasium", list(INTEROP))
def interop(session: nox.Session, gymnasium: str) -> None:
    """Other people's libraries, with this package as a user of the wheel has it."""
    extras, chosen = INTEROP[gymnasium]
    session.install(TORCH)
    session.install(f".[{extras}]")
    session.run("pytest", "-n", "2", "--durations=5", *chosen, *session.posargs, env=NO_SCREEN)
