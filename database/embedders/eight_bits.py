"""Networks whose weights have eight bits, where that is what a processor multiplies soonest.

Each row of a weight has a scale of its own. What is multiplied with it is brought to eight bits, too, by
OpenVINO, while it computes. Processors of the last years multiply four such numbers at a time; those that
multiply numbers of sixteen bits in blocks gain nothing, so both are tried.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from database.embedders.compiled import openvino
from database.embedders.vectors import unit
from database.stores.base import Vectors

_ROUNDS = 8  # of which the soonest counts: what else the machine does delays some
_GAIN = 1.1  # less isn't worth what is lost
_LARGEST = 127

Inputs = Mapping[str, npt.NDArray[np.int64]]


def lighter(network: Any, inputs: Inputs, least_alike: float) -> Any:
    """The network with weights of eight bits where it is faster on this machine and the vectors that it
    computes of `inputs` are as alike as that (cosine); else the network itself.
    """
    eight = in_eight_bits(network)
    if eight is None:
        return network
    ways = [_compiled(network), _compiled(eight)]
    vectors = [_computed(way, inputs) for way in ways]
    if float((unit(vectors[0]) * unit(vectors[1])).sum(axis=1).min()) < least_alike:
        return network
    soonest = [np.inf, np.inf]
    for _ in range(_ROUNDS):
        for number, way in enumerate(ways):
            begun = time.perf_counter()
            _computed(way, inputs)
            soonest[number] = min(soonest[number], time.perf_counter() - begun)
    return eight if soonest[0] > _GAIN * soonest[1] else network


def in_eight_bits(network: Any) -> Any | None:
    """A copy whose matrices have eight bits a weight; None where there is no matrix."""
    openvino()
    from openvino import opset13

    copy, changed = network.clone(), 0
    for node in copy.get_ordered_ops():
        if node.get_type_name() != "MatMul" or (weights := _weights(node)) is None:
            continue
        scale = np.abs(weights).max(axis=1, keepdims=True) / _LARGEST
        scale[scale == 0] = 1
        rounded = np.round(weights / scale).astype(np.int8)
        whole = opset13.multiply(opset13.convert(opset13.constant(rounded), "f32"), opset13.constant(scale))
        before = node.get_attributes()["transpose_a"]
        product = opset13.matmul(node.input_value(0), whole, before, True)
        for reader in node.output(0).get_target_inputs():
            reader.replace_source_output(product.output(0))
        changed += 1
    return copy if changed else None


def _weights(node: Any) -> Vectors | None:
    """What a product multiplies with, float32[outputs, inputs]; None where that is computed."""
    source = node.input_value(1).get_node()
    while source.get_type_name() == "Convert":
        source = source.input_value(0).get_node()
    if source.get_type_name() != "Constant":
        return None
    weights = np.asarray(source.get_data(), np.float32)
    if weights.ndim != 2:
        return None
    return weights if node.get_attributes()["transpose_b"] else np.ascontiguousarray(weights.T)


def _compiled(network: Any) -> Any:
    settings = {"NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False}
    return openvino().Core().compile_model(network, "CPU", settings).create_infer_request()


def _computed(request: Any, inputs: Inputs) -> Vectors:
    vectors: Vectors = np.array(request.infer(dict(inputs))[0], np.float32)
    return vectors
