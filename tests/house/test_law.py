"""The law of the house: storefront may import promo and campaigns; they import nobody of ours; no circles; no code in assets."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
HOUSES = {"promo": set(), "campaigns": set(), "storefront": {"promo", "campaigns"}}
ONE_HOUSE_ONLY = {
    "PIL": "promo",
    "facebook": "promo",
    "instaloader": "promo",
    "dbos": "promo",
    "qrcode": "campaigns",
    "reportlab": "campaigns",
    "fastapi": "storefront",
    "starlette": "storefront",
    "uvicorn": "storefront",
    "jinja2": "storefront",
    "alembic": "storefront",
}
CODE = {".py", ".sh", ".html", ".jinja"}  # what runs; small scripts for browsers live in assets/style and are served as they are


def modules() -> Iterator[tuple[str, Path]]:
    for house in HOUSES:
        for path in sorted((ROOT / house).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every module a file imports, also inside functions, as (name, line)."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((name.name, node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            yield node.module or "", node.lineno
            yield from ((f"{node.module}.{name.name}", node.lineno) for name in node.names)


def test_each_house_imports_only_whom_it_may() -> None:
    broken = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for module, path in modules()
        for name, line in imports(path)
        if (room := name.split(".")[0]) in HOUSES and room != (own := module.split(".")[0]) and room not in HOUSES[own]
    ]
    assert broken == []


def test_each_package_from_outside_enters_one_house() -> None:
    strays = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for module, path in modules()
        for name, line in imports(path)
        if ONE_HOUSE_ONLY.get(name.split(".")[0], module.split(".")[0]) != module.split(".")[0]
    ]
    assert strays == []


def test_no_module_imports_itself_through_others() -> None:
    known = dict(modules())
    graph = {module: {name for name, _ in imports(path) if name in known and name != module} for module, path in known.items()}
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " -> ".join([*way[way.index(module) :], module])
        if module not in done:
            for other in graph[module]:
                visit(other, (*way, module))
            done.add(module)

    for module in graph:
        visit(module, ())
    assert len(done) == len(graph)


def test_no_house_imports_another_inside_a_function() -> None:
    hidden = []
    for _, path in modules():
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for node in ast.walk(function):
                    names = [n.name for n in node.names] if isinstance(node, ast.Import) else []
                    names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                    hidden += [f"{path.relative_to(ROOT)}:{function.lineno}" for name in names if name.split(".")[0] in HOUSES]
    assert hidden == []


def test_there_is_no_code_in_assets() -> None:
    assert [str(path) for path in (ROOT / "assets").rglob("*") if path.suffix in CODE] == []


def test_only_settings_reads_the_environment() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for _, path in modules()
        if path.name != "settings.py" and any(word in path.read_text(encoding="utf-8") for word in ("os.environ", "os.getenv"))
    ]
    assert readers == []


@pytest.mark.parametrize("module", [module for module, _ in modules()])
def test_each_module_says_in_a_sentence_what_it_is_for(module: str) -> None:
    words = ast.get_docstring(ast.parse(dict(modules())[module].read_text(encoding="utf-8")))
    if "migrations.versions" not in module:
        assert words
        assert len(words.split("\n\n")[0]) > 15
