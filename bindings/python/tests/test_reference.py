"""The words of the package are its reference: nothing public is without them."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

import pytest

import callcore
import callcore.scenario
import callcore.testing


def without_words(name: str, what: Any) -> list[str]:
    """The public names of a thing that say nothing; what a class inherits from elsewhere is told there."""
    silent = [] if inspect.getdoc(what) else [name]
    if inspect.isclass(what):
        for member, value in vars(what).items():
            is_told = callable(value) or isinstance(value, (property, classmethod, staticmethod))
            if is_told and not member.startswith("_") and not value.__doc__:
                silent.append(f"{name}.{member}")
    return silent


@pytest.mark.parametrize("module", [callcore, callcore.scenario, callcore.testing])
def test_every_public_name_has_words(module: ModuleType) -> None:
    names = module.__all__
    assert [silent for name in names for silent in without_words(name, getattr(module, name))] == []


def test_a_name_without_words_is_seen() -> None:
    class Silent:
        def method(self) -> None: ...

        @property
        def told(self) -> int:
            """Is told."""
            return 1

    assert without_words("Silent", Silent) == ["Silent", "Silent.method"]
