"""What is wrong with what a person typed: the field, the key of the sentence in assets/languages, and the facts in it."""


class Problem(Exception):
    """One thing to put right. `key` names a sentence in assets/languages; `field` is the name of the form's field, or empty."""

    def __init__(self, key: str, *, field: str = "", **facts: object) -> None:
        super().__init__(f"{field}: {key}" if field else key)
        self.key = key
        self.field = field
        self.facts = facts


class Problems(Exception):
    """Everything wrong with one form, so that a person corrects it once."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


class Collected:
    """Gathers problems while a form is read: `with problems.of("price"): ...`; `problems.stop()` raises them together."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._field = ""

    def of(self, field: str) -> "Collected":
        self._field = field
        return self

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, Problem):
            error.field = error.field or self._field
            self.problems.append(error)
            return True
        return False

    def stop(self) -> None:
        if self.problems:
            raise Problems(self.problems)
