"""The house keeps its own rules: names, layers, locks, what a workflow may touch."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest
from temporalio import activity, workflow

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "workflows",
    "activities",
    "api",
    "reports",
    "records",
    "domain",
    "web",
    "kindroom",
    "x12",
    "encryption",
)
WORKFLOW_FILES = sorted(
    p for p in (ROOT / "workflows").glob("*.py") if p.stem not in {"__init__", "policies"}
)
TRACKED = [p for folder in (*PACKAGES, "sandbox", "integrations") for p in (ROOT / folder).rglob("*.py")]


@pytest.mark.parametrize("package", PACKAGES)
def test_our_packages_are_ours(package: str) -> None:
    """No installed distribution shadows a top-level name of the house."""
    found = importlib.import_module(package)
    assert found.__file__ is not None
    assert Path(found.__file__).is_relative_to(ROOT / package)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "requirements-bench.lock"])
def test_locks_pin_every_package_with_hashes_and_name_no_place(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    pins = re.findall(r"^[A-Za-z0-9][^\s=]*==\S+", text, re.M)
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert len(pins) == len(blocks) > 50
    assert all("--hash=sha256:" in block for block in blocks)


@pytest.mark.parametrize("path", WORKFLOW_FILES, ids=lambda p: p.stem)
def test_workflows_import_only_rules_shapes_and_temporal(path: Path) -> None:
    """Determinism begins with imports: no clock, no database, no network can be reached from a workflow."""
    allowed = {
        "domain",
        "workflows",
        "temporalio",
        "asyncio",
        "dataclasses",
        "datetime",
        "uuid",
        "enum",
        "typing",
        "collections",
        "contextlib",
    }
    for node in ast.walk(ast.parse(path.read_text())):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        for name in names:
            assert name.split(".")[0] in allowed or name.startswith("activities.shapes"), (
                f"{path.name}: {name}"
            )


@pytest.mark.parametrize("path", WORKFLOW_FILES, ids=lambda p: p.stem)
def test_run_reads_as_the_process(path: Path) -> None:
    """`run` fits on a screen; the business steps have names."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.AsyncFunctionDef) and node.name == "run":
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < 45, f"{path.name}: run() has grown"


def _workflows() -> list[type]:
    found = []
    for path in WORKFLOW_FILES:
        module = importlib.import_module(f"workflows.{path.stem}")
        found += [
            kind
            for _, kind in inspect.getmembers(module, inspect.isclass)
            if kind.__module__ == module.__name__ and hasattr(kind, "__temporal_workflow_definition")
        ]
    return found


def test_every_workflow_is_run_by_a_worker() -> None:
    from kindroom.worker import CARE_WORKFLOWS, MEDIA_WORKFLOWS, OFFICE_WORKFLOWS

    assert set(_workflows()) == {*CARE_WORKFLOWS, *OFFICE_WORKFLOWS, *MEDIA_WORKFLOWS}


def test_every_activity_that_a_workflow_names_is_registered_on_its_queue() -> None:
    from kindroom import worker

    nothing = None
    ports = worker.Ports(*[nothing] * 5)  # type: ignore[arg-type]
    care = _names(worker.care_activities(nothing, nothing, nothing))  # type: ignore[arg-type]
    office = _names(worker.office_activities(nothing, ports))  # type: ignore[arg-type]
    media = _names(worker.media_activities(nothing, ports))  # type: ignore[arg-type]
    for kinds, names in (
        (worker.CARE_WORKFLOWS, care),
        (worker.OFFICE_WORKFLOWS, office),
        (worker.MEDIA_WORKFLOWS, media),
    ):
        for kind in kinds:
            module = inspect.getmodule(kind)
            assert module is not None
            asked = set(re.findall(r'execute_(?:local_)?activity\(\s*"([a-z_]+)"', inspect.getsource(module)))
            assert asked <= names, f"{kind.__name__}: {asked - names}"


def _names(activities: list[object]) -> set[str]:
    return {activity._Definition.must_from_callable(each).name or "" for each in activities}  # type: ignore[arg-type]


def test_every_outbox_note_that_is_told_has_a_route() -> None:
    from kindroom.dispatcher import ROUTES

    told = set()
    for path in (ROOT / "records").rglob("*.py"):
        told |= set(re.findall(r'\.tell\(\s*"([a-z_]+)"', path.read_text()))
    for path in (ROOT / "records" / "migrations" / "sql").glob("*.sql"):
        told |= set(re.findall(r"VALUES \('([a-z]+_changed)'", path.read_text()))
    assert told == set(ROUTES)


def test_a_signal_has_the_name_of_its_note_and_takes_its_message() -> None:
    from kindroom.dispatcher import ROUTES

    for kind, route in ROUTES.items():
        module = inspect.getmodule(route.message)
        assert module is not None
        owner = next(
            c
            for c in vars(module).values()
            if inspect.isclass(c) and route.workflow.__qualname__.startswith(c.__name__ + ".")
        )
        definition = workflow._Definition.must_from_class(owner)
        assert kind in definition.signals
        assert definition.signals[kind].arg_types == [route.message]


@pytest.mark.parametrize("path", TRACKED, ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_is_written_to_temporals_open_attributes(path: Path) -> None:
    """Search attributes and memo set from inside a workflow pass no codec and no fence."""
    text = path.read_text()
    assert "upsert_search_attributes" not in text or path.parts[-2] == "kindroom"
    assert "upsert_memo" not in text or path.parts[-2] == "kindroom"


def test_the_project_speaks_of_itself_only() -> None:
    """No path of the machine it was written on, no registry host."""
    homes = ("work", "root")
    hosts = ("pypi", "registry.npmjs", "files.pythonhosted")
    forbidden = re.compile(
        "|".join([f"/{home}/" for home in homes] + [rf"{re.escape(host)}\.org" for host in hosts])
    )
    for path in ROOT.rglob("*"):
        if path.suffix not in {
            ".py",
            ".md",
            ".sql",
            ".html",
            ".css",
            ".js",
            ".yml",
            ".toml",
            ".sh",
            ".lock",
            ".json",
        }:
            continue
        if {".venv", ".git", ".kindroom", "node_modules", "vendor"} & set(path.parts) or path == Path(
            __file__
        ):
            continue
        assert not forbidden.search(path.read_text(errors="ignore")), path
