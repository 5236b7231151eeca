"""Makes the tiny models of the runtime's tests: python make_tiny.py (needs onnx and numpy)."""

import hashlib
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

here = pathlib.Path(__file__).parent


def save(name, nodes, inputs, outputs, initializers):
    graph = helper.make_graph(nodes, name, inputs, outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    (here / f"{name}.onnx").write_bytes(model.SerializeToString())


def value(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


# y = 2x + 1, any number of rows.
save(
    "affine",
    [helper.make_node("Mul", ["x", "two"], ["double"]), helper.make_node("Add", ["double", "one"], ["y"])],
    [value("x", TensorProto.FLOAT, ["rows", 3])],
    [value("y", TensorProto.FLOAT, ["rows", 3])],
    [numpy_helper.from_array(np.float32(2), "two"), numpy_helper.from_array(np.float32(1), "one")],
)

# Two inputs, two outputs, 64-bit integers: sum and difference.
save(
    "integers",
    [helper.make_node("Add", ["a", "b"], ["sum"]), helper.make_node("Sub", ["a", "b"], ["difference"])],
    [value("a", TensorProto.INT64, [4]), value("b", TensorProto.INT64, [4])],
    [value("sum", TensorProto.INT64, [4]), value("difference", TensorProto.INT64, [4])],
    [],
)

# y = x * w with w kept outside the file, under its SHA-256; the test writes w = 0, 1, 2, ... as float32.
weight = np.arange(16, dtype=np.float32).reshape(4, 4)
external = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4, 4], data_location=TensorProto.EXTERNAL)
for key, text in [
    ("location", hashlib.sha256(weight.tobytes()).hexdigest()),
    ("offset", "0"),
    ("length", str(weight.nbytes)),
]:
    external.external_data.add(key=key, value=text)
graph = helper.make_graph(
    [helper.make_node("MatMul", ["x", "w"], ["y"])], "external",
    [value("x", TensorProto.FLOAT, [1, 4])], [value("y", TensorProto.FLOAT, [1, 4])], [external])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
(here / "external.onnx").write_bytes(model.SerializeToString())
