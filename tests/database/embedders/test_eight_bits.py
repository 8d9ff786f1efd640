"""Weights of eight bits compute nearly the same, and are taken where they are faster."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from database.embedders import eight_bits
from database.embedders.compiled import openvino
from database.embedders.eight_bits import in_eight_bits, lighter
from database.embedders.vectors import unit

RANDOM = np.random.default_rng(7)
GIVEN = {"given": RANDOM.integers(0, 9, (4, 32))}


def network(*, transposed: bool, matrices: int = 2) -> Any:
    """Numbers through so many matrices, of which each may lie either way."""
    openvino()
    from openvino import Model, opset13

    given = opset13.parameter([-1, 32], np.int64, name="given")
    value = opset13.convert(given, "f32")
    for _ in range(matrices):
        weights = RANDOM.standard_normal((32, 32)).astype(np.float32)
        value = opset13.tanh(opset13.matmul(value, opset13.constant(weights), False, transposed))
    return Model([value], [given])


def computed(of: Any) -> Any:
    return eight_bits._computed(eight_bits._compiled(of), GIVEN)


def types_of_constants(of: Any) -> list[str]:
    constants = [node for node in of.get_ordered_ops() if node.get_type_name() == "Constant"]
    return [node.get_element_type().get_type_name() for node in constants if node.get_data().ndim == 2]


@pytest.mark.parametrize("transposed", [False, True])
def test_it_computes_nearly_the_same(transposed: bool) -> None:
    """Whichever way the matrices lie; the network itself stays as it is."""
    full = network(transposed=transposed)
    eight = in_eight_bits(full)
    alike = (unit(computed(full)) * unit(computed(eight))).sum(axis=1)
    assert alike.min() > 0.99
    assert types_of_constants(eight).count("i8") == 2
    assert "i8" not in types_of_constants(full)


def test_a_network_without_matrices_has_nothing_to_gain() -> None:
    """It stays."""
    full = network(transposed=True, matrices=0)
    assert in_eight_bits(full) is None
    assert lighter(full, GIVEN, 0.9) is full


@pytest.mark.parametrize(
    ("seconds_of_full", "least_alike", "taken"),
    [(2.0, 0.9, True), (1.05, 0.9, False), (0.5, 0.9, False), (2.0, 1.1, False)],
    ids=["faster", "hardly faster", "slower", "something else"],
)
def test_it_is_taken_where_it_is_faster_and_alike(
    monkeypatch: pytest.MonkeyPatch, seconds_of_full: float, least_alike: float, taken: bool
) -> None:
    """The clock tells of each run first its beginning, then its end."""
    ticks = itertools.cycle([0.0, seconds_of_full, 0.0, 1.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(ticks))
    full = network(transposed=True)
    assert (lighter(full, GIVEN, least_alike) is not full) == taken
