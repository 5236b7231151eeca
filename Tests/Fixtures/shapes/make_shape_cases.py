#!/usr/bin/env python3
"""Writes cases.jsonl: single operators with the shapes (and small constants) that ONNX Runtime gives for them.

An independent answer for the shape rules and the constant folding of ModelGraph: each case is a model of one
operator that is really run. Seeded; the same versions of the packages write the same bytes.

    pip install -r ../requirements.txt
    python3 make_shape_cases.py
"""

import json
import pathlib
import random

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

OPSET = 18
IR_VERSION = 10
NAMES = {
    numpy.dtype("float32"): "float32", numpy.dtype("float64"): "float64", numpy.dtype("int64"): "int64",
    numpy.dtype("int32"): "int32", numpy.dtype("bool"): "boolean", numpy.dtype("uint8"): "uint8",
    numpy.dtype("int8"): "int8", numpy.dtype("float16"): "float16",
}
dice = random.Random(20260101)
cases = []


def constant(values, dtype="int64"):
    return numpy.array(values, dtype=dtype)


class Activation:
    """An input that is given when the model runs."""

    def __init__(self, *shape, dtype="float32"):
        self.array = numpy.ones(shape, dtype=dtype)


def attribute_value(value):
    if isinstance(value, onnx.TensorProto):
        return {"tensor": describe(numpy_helper.to_array(value), True)}
    if isinstance(value, str):
        return {"text": value}
    if isinstance(value, float):
        return {"number": value}
    if isinstance(value, int):
        return {"integer": value}
    return {"integers": list(value)}


def describe(array, with_values):
    result = {"element_type": NAMES[array.dtype], "shape": list(array.shape)}
    if with_values:
        values = array.flatten().tolist()
        result["values"] = [int(v) if isinstance(v, bool) else v for v in values]
    return result


def case(operator, inputs, outputs=1, opset=OPSET, **attributes):
    """Runs one operator and records what came out. `None` is an absent optional input."""
    graph_inputs, initializers, names, feeds = [], [], [], {}
    for position, given in enumerate(inputs):
        name = "" if given is None else f"i{position}"
        names.append(name)
        if given is None:
            continue
        array = given.array if isinstance(given, Activation) else given
        if isinstance(given, Activation):
            kind = helper.np_dtype_to_tensor_dtype(array.dtype)
            graph_inputs.append(helper.make_tensor_value_info(name, kind, array.shape))
            feeds[name] = array
        else:
            initializers.append(numpy_helper.from_array(array, name))
    results = [f"o{position}" for position in range(outputs)]
    node = helper.make_node(operator, names, results, name="n", **attributes)
    graph = helper.make_graph(
        [node], "case", graph_inputs, [onnx.ValueInfoProto(name=name) for name in results], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=IR_VERSION)
    model = onnx.shape_inference.infer_shapes(model)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    arrays = [numpy.asarray(array) for array in session.run(results, feeds)]
    folded = not feeds and all(array.size <= 64 for array in arrays)

    def needs_values(array):
        return array.size <= 64 and (folded or operator == "Resize" or array.dtype.kind != "f")

    cases.append({
        "operator": operator,
        "opset": opset,
        "inputs": [
            None if given is None
            else {**describe(given.array, False), "constant": False} if isinstance(given, Activation)
            else {**describe(given, needs_values(given)), "constant": True}
            for given in inputs
        ],
        "attributes": {
            name: attribute_value(value) if name != "to" else {"text": NAMES[helper.tensor_dtype_to_np_dtype(value)]}
            for name, value in attributes.items()
        },
        "outputs": [describe(array, folded) for array in arrays],
        "folded": folded,
    })


def weight(*shape):
    return numpy.full(shape, 0.01, dtype="float32")


def convolutions():
    for _ in range(70):
        groups = dice.choice([1, 1, 1, 2, 3])
        channels, filters = groups * dice.randint(1, 4), groups * dice.randint(1, 4)
        kernel = [dice.randint(1, 5), dice.randint(1, 5)]
        size = [dice.randint(9, 33), dice.randint(9, 33)]
        attributes = {"group": groups}
        if dice.random() < 0.8:
            attributes["strides"] = [dice.randint(1, 4), dice.randint(1, 4)]
        if dice.random() < 0.3:
            attributes["auto_pad"] = dice.choice(["SAME_UPPER", "SAME_LOWER", "VALID"])
        else:
            if dice.random() < 0.4:
                attributes["dilations"] = [dice.randint(1, 2), dice.randint(1, 2)]
            if dice.random() < 0.8:
                attributes["pads"] = [dice.randint(0, 3) for _ in range(4)]
        bias = [weight(filters)] if dice.random() < 0.5 else []
        kernels = weight(filters, channels // groups, *kernel)
        case("Conv", [Activation(1, channels, *size), kernels, *bias], **attributes)
    case("Conv", [Activation(1, 3, 17), weight(4, 3, 5)], strides=[2], pads=[2, 2])
    case("Conv", [Activation(1, 2, 7, 8, 9), weight(3, 2, 3, 3, 3)], pads=[1] * 6)
    for _ in range(25):
        groups = dice.choice([1, 1, 2])
        channels, filters = groups * dice.randint(1, 3), dice.randint(1, 3)
        attributes = {"group": groups, "strides": [dice.randint(1, 3), dice.randint(1, 3)]}
        if dice.random() < 0.5:
            attributes["pads"] = [dice.randint(0, 1) for _ in range(4)]
        if dice.random() < 0.3:
            attributes["output_padding"] = [0, attributes["strides"][1] - 1]
        kernel = [dice.randint(2, 4), dice.randint(2, 4)]
        case("ConvTranspose", [Activation(1, channels, 6, 7), weight(channels, filters, *kernel)], **attributes)


def poolings():
    for _ in range(60):
        kernel = [dice.randint(1, 4), dice.randint(1, 4)]
        attributes = {"kernel_shape": kernel, "strides": [dice.randint(1, 3), dice.randint(1, 3)]}
        if dice.random() < 0.6:
            attributes["pads"] = [dice.randint(0, k - 1) for k in kernel + kernel]
        if dice.random() < 0.5:
            attributes["ceil_mode"] = 1
        size = [dice.randint(7, 21), dice.randint(7, 21)]
        if dice.random() < 0.5:
            case("MaxPool", [Activation(1, 2, *size)], outputs=dice.choice([1, 1, 2]), **attributes)
        else:
            if dice.random() < 0.5:
                attributes["count_include_pad"] = 1
            case("AveragePool", [Activation(1, 2, *size)], **attributes)
    case("MaxPool", [Activation(1, 3, 112, 112)], kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    case("MaxPool", [Activation(1, 3, 14, 15)], kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")
    for operator in ("GlobalAveragePool", "GlobalMaxPool"):
        case(operator, [Activation(1, 5, 7, 9)])


def matrices():
    for left_turned in (0, 1):
        for right_turned in (0, 1):
            left, right = ((4, 3) if left_turned else (3, 4)), ((5, 4) if right_turned else (4, 5))
            case("Gemm", [Activation(*left), weight(*right)], transA=left_turned, transB=right_turned)
            case("Gemm", [Activation(*left), weight(*right), weight(5)], transA=left_turned, transB=right_turned)
    for left, right in [
        ((3, 4), (4, 5)), ((4,), (4, 5)), ((3, 4), (4,)), ((4,), (4,)), ((2, 3, 4), (4, 5)), ((2, 3, 4), (2, 4, 5)),
        ((2, 1, 3, 4), (6, 4, 5)), ((1, 12, 8, 4), (1, 12, 4, 8)), ((7, 1, 4), (4, 1)), ((2, 3, 4), (4,)),
        ((4,), (2, 4, 5)),
    ]:
        case("MatMul", [Activation(*left), Activation(*right)])


def elementwise():
    for operator in (
        "Abs", "Ceil", "Clip", "Cos", "Elu", "Erf", "Exp", "Floor", "HardSigmoid", "HardSwish", "LeakyRelu", "Log",
        "Neg", "Reciprocal", "Relu", "Round", "Selu", "Sigmoid", "Sign", "Sin", "Softplus", "Softsign", "Sqrt", "Tanh",
        "IsNaN", "IsInf",
    ):
        case(operator, [Activation(*[dice.randint(1, 5) for _ in range(dice.randint(0, 4))])])
    for operator in ("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Equal", "Less", "LessOrEqual", "Greater",
                     "GreaterOrEqual", "PRelu"):
        for left, right in [((2, 3, 4), (3, 1)), ((2, 3, 4), ()), ((2, 3, 4), (1,)), ((2, 3, 4), (2, 3, 4))]:
            case(operator, [Activation(*left), weight(*right)])
        if operator != "PRelu":
            case(operator, [Activation(3, 1), weight(2, 1, 4)])
    for operator in ("And", "Or", "Xor"):
        case(operator, [Activation(2, 3, dtype="bool"), Activation(3, dtype="bool")])
    case("Not", [Activation(2, 3, dtype="bool")])
    case("Where", [Activation(3, 1, dtype="bool"), Activation(2, 1, 4), weight(4)])
    case("Where", [Activation(1, 1, 4, 4, dtype="bool"), Activation(1, 2, 4, 4), weight()])
    for target in (TensorProto.INT64, TensorProto.BOOL, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.INT32):
        case("Cast", [Activation(2, 3)], to=target)
    case("CumSum", [Activation(2, 3), constant(1)])
    case("Trilu", [Activation(4, 5)], upper=0)


def normalizations():
    case("BatchNormalization", [Activation(1, 4, 5, 6)] + [weight(4)] * 4)
    case("InstanceNormalization", [Activation(1, 4, 5, 6), weight(4), weight(4)])
    for axis, scale in ((-1, (6,)), (2, (5, 6)), (1, (4, 5, 6))):
        case("LayerNormalization", [Activation(2, 4, 5, 6), weight(*scale), weight(*scale)], axis=axis)
    case("LayerNormalization", [Activation(2, 4, 6), weight(6)])
    for operator in ("Softmax", "LogSoftmax", "Hardmax"):
        for axis in (0, 1, -1):
            case(operator, [Activation(2, 3, 4)], axis=axis)
    case("LRN", [Activation(1, 8, 5, 5)], size=5)
    case("LpNormalization", [Activation(2, 3)], axis=1)


def reductions():
    for operator in ("ReduceMean", "ReduceMax", "ReduceProd", "ReduceL2", "ReduceSumSquare"):
        for axes in ([1], [2, 3], [-1], [0, 1, 2, 3]):
            for keeps in (0, 1):
                case(operator, [Activation(1, 3, 4, 5), constant(axes)], keepdims=keeps)
        case(operator, [Activation(1, 3, 4, 5)], keepdims=1)
    case("ReduceSum", [Activation(1, 3, 4, 5)], keepdims=0)
    case("ReduceSum", [Activation(1, 3, 4, 5), constant([], "int64")], noop_with_empty_axes=1)
    case("ReduceMean", [Activation(1, 3, 4, 5)], opset=13, axes=[2, 3], keepdims=1)
    for operator in ("ArgMax", "ArgMin"):
        for keeps in (0, 1):
            case(operator, [Activation(2, 3, 4)], axis=1, keepdims=keeps)
    case("TopK", [Activation(2, 9), constant([4])], outputs=2)
    case("TopK", [Activation(9, 2), constant([4])], outputs=2, axis=0)


def reshapings():
    for shape, target in [
        ((1, 256, 6, 6), [1, -1]), ((1, 256, 6, 6), [0, -1]), ((2, 3, 4), [6, 4]), ((2, 3, 4), [-1]),
        ((2, 3, 4), [0, 0, -1]), ((2, 3, 4), [4, 3, 2]), ((1,), []), ((2, 3, 4), [2, 1, 3, 1, 4]),
        ((12, 4), [3, 0, -1]),
    ]:
        case("Reshape", [Activation(*shape), constant(target)])
    case("Reshape", [Activation(0, 3), constant([3, 0])], allowzero=1)
    for axis in (0, 1, 2, 3, -1, 4):
        case("Flatten", [Activation(2, 3, 4, 5)], axis=axis)
    case("Squeeze", [Activation(1, 3, 1, 4)])
    case("Squeeze", [Activation(1, 3, 1, 4), constant([0])])
    case("Squeeze", [Activation(1, 3, 1, 4), constant([-2, 0])])
    case("Squeeze", [Activation(1, 3, 1, 4)], opset=11, axes=[2])
    case("Unsqueeze", [Activation(3, 4), constant([0])])
    case("Unsqueeze", [Activation(3, 4), constant([-1, 1])])
    case("Unsqueeze", [Activation(3, 4)], opset=11, axes=[0, 3])
    case("Identity", [Activation(2, 3)])
    case("Dropout", [Activation(2, 3)], outputs=2)


def movements():
    case("Transpose", [Activation(2, 3, 4)])
    for order in ([0, 2, 1], [2, 0, 1], [1, 2, 0]):
        case("Transpose", [Activation(2, 3, 4)], perm=order)
    for axis in (0, 1, -1):
        shapes = [[2, 3, 4] for _ in range(3)]
        for number, shape in enumerate(shapes):
            shape[axis] = number + 1
        case("Concat", [Activation(*shape) for shape in shapes], axis=axis)
    case("Split", [Activation(6, 4)], outputs=3, axis=0, num_outputs=3)
    case("Split", [Activation(7, 4)], outputs=3, axis=0, num_outputs=3)
    case("Split", [Activation(4, 9), constant([2, 3, 4])], outputs=3, axis=1)
    case("Split", [Activation(4, 9)], outputs=3, axis=-1, opset=13)
    for _ in range(60):
        shape = [dice.randint(1, 9) for _ in range(3)]
        axes = dice.sample([0, 1, 2], dice.randint(1, 3))
        steps = [dice.choice([1, 1, 2, 3, -1, -2]) for _ in axes]
        big = 2**63 - 1
        starts = [dice.choice([0, 1, 2, -1, -3, 5, 100]) for _ in axes]
        ends = [dice.choice([1, 4, 7, -1, -2, big, -big]) for _ in axes]
        case("Slice", [Activation(*shape), constant(starts), constant(ends), constant(axes), constant(steps)])
    case("Slice", [Activation(8, 8), constant([1, 2]), constant([5, 8])])
    for axis in (0, 1, -1):
        for indices in (constant(1), constant([0, 1]), constant([[0, 1, 1]])):
            case("Gather", [Activation(3, 4, 5), indices], axis=axis)
    case("GatherElements", [Activation(3, 4), constant([[0, 1], [1, 0]])], axis=1)
    case("GatherND", [Activation(3, 4, 5), constant([[0, 1], [2, 3]])])
    case("GatherND", [Activation(2, 4, 5), constant([[1], [3]])], batch_dims=1)
    case("ScatterND", [Activation(4, 5), constant([[1], [3]]), Activation(2, 5)])
    case("ScatterElements", [Activation(3, 3), constant([[1, 0, 2]]), Activation(1, 3)])
    for target in ([2, 3, 4], [4], [1], [5, 1, 3, 1]):
        case("Expand", [Activation(3, 1), constant(target)])
    case("Tile", [Activation(2, 3), constant([2, 0])])
    case("Tile", [Activation(2, 3), constant([3, 4])])
    case("Pad", [Activation(1, 2, 3, 4), constant([0, 0, 1, 2, 0, 0, 3, 4])])
    case("Pad", [Activation(1, 2, 5, 6), constant([0, 0, -1, 2, 0, 0, -2, 0])])
    case("Pad", [Activation(1, 2, 3, 4), constant([1, 2, 3, 4]), None, constant([2, 3])])
    case("DepthToSpace", [Activation(1, 8, 3, 4)], blocksize=2)
    case("SpaceToDepth", [Activation(1, 2, 6, 8)], blocksize=2)
    case("Resize", [Activation(1, 2, 5, 7), None, constant([1, 1, 2, 1.5], "float32")])
    case("Resize", [Activation(1, 2, 5, 7), None, constant([2.5, 0.6], "float32")], axes=[2, 3])
    case("Resize", [Activation(1, 2, 5, 7), None, None, constant([1, 2, 9, 11])], mode="linear")


def foldings():
    """Operators on constants alone: their values count too."""
    a, b, row = constant([[1, -2, 3], [4, 5, -6]]), constant([[2], [-3]]), constant([7, 8, 9])
    for operator in ("Add", "Sub", "Mul", "Div", "Max", "Min", "Equal", "Less", "LessOrEqual", "Greater",
                     "GreaterOrEqual"):
        case(operator, [a, b])
        case(operator, [row, constant(3)])
    case("Mod", [a, b])
    for operator in ("Neg", "Abs", "Sign", "Identity", "Size", "Shape"):
        case(operator, [a])
    case("Shape", [a], start=1)
    case("Shape", [a], start=-1, end=9)
    case("Ceil", [constant([1.5, -1.5], "float32")])
    case("Floor", [constant([1.5, -1.5], "float32")])
    for target in (TensorProto.FLOAT, TensorProto.INT32, TensorProto.BOOL, TensorProto.UINT8):
        case("Cast", [constant([0, 1, 7])], to=target)
    case("Cast", [constant([0.5, -1.5, 7.9], "float32")], to=TensorProto.INT64)
    case("Where", [constant([True, False, True], "bool"), row, constant(-1)])
    for operator in ("And", "Or", "Xor"):
        case(operator, [constant([True, True, False, False], "bool"), constant([True, False, True, False], "bool")])
    case("Not", [constant([True, False], "bool")])
    for operator in ("ReduceProd", "ReduceSum", "ReduceMax", "ReduceMin"):
        case(operator, [row], keepdims=0)
    case("Concat", [row, constant([1])], axis=0)
    case("Concat", [a, b], axis=1)
    case("Concat", [a, a], axis=0)
    case("Gather", [row, constant(-1)])
    case("Gather", [row, constant([2, 0])])
    case("Gather", [a, constant([[2, 0]])], axis=1)
    case("Slice", [row, constant([0]), constant([2])])
    case("Slice", [a, constant([-1]), constant([-9]), constant([1]), constant([-1])])
    case("Slice", [a, constant([0, 1]), constant([2, 3]), constant([0, 1]), constant([1, 1])])
    case("Split", [row, constant([1, 2])], outputs=2)
    case("Split", [a, constant([1, 2])], outputs=2, axis=1)
    case("Transpose", [a])
    case("Reshape", [a, constant([3, -1])])
    case("Flatten", [a])
    case("Unsqueeze", [row, constant([0])])
    case("Squeeze", [constant([[5]])])
    case("Expand", [b, constant([3, 2, 2])])
    case("Tile", [b, constant([2, 2])])
    case("Range", [constant(2), constant(9), constant(3)])
    case("Range", [constant(9), constant(2), constant(-2)])
    case("Range", [constant(0.0, "float32"), constant(1.0, "float32"), constant(0.25, "float32")])
    case("Range", [constant(5), constant(2), constant(1)])
    case("ConstantOfShape", [constant([2, 3])])
    case("ConstantOfShape", [constant([2])], value=numpy_helper.from_array(constant([-7])))
    case("ConstantOfShape", [constant([2])], value=numpy_helper.from_array(constant([True], "bool")))


def main():
    for group in (convolutions, poolings, matrices, elementwise, normalizations, reductions, reshapings, movements,
                  foldings):
        group()
    lines = [json.dumps(entry, separators=(",", ":")) + "\n" for entry in cases]
    path = pathlib.Path(__file__).with_name("cases.jsonl")
    path.write_text("".join(lines), encoding="utf-8")
    print(f"{path.name}: {len(cases)} cases, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
