"""Makes a model of VGG's kind with 500 MB of weights that are not there: python make_large.py (needs onnx).

The 13 convolutions of VGG16 (Simonyan and Zisserman, arXiv:1409.1556, table 1, D) on an input of 64 x 64, and seven
products of width 4096 in place of its two large ones: no layer takes more than 67 MB, so that several small boards can
hold what none of them can alone. `lamella model fill` gives it weights.
"""

import math
import pathlib

import onnx
from onnx import TensorProto, helper

nodes, initializers, offset = [], [], 0


def weight(name, dims):
    global offset
    length = 4 * math.prod(dims)
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=dims, data_location=TensorProto.EXTERNAL)
    for key, text in [("location", "vgg_wide.weights"), ("offset", str(offset)), ("length", str(length))]:
        tensor.external_data.add(key=key, value=text)
    initializers.append(tensor)
    offset += length
    return name


def add(kind, inputs, **attributes):
    output = f"{kind.lower()}_{len(nodes)}"
    nodes.append(helper.make_node(kind, inputs, [output], name=f"node_{output}", **attributes))
    return output


tensor, channels = "input", 3
for block in [[64] * 2, [128] * 2, [256] * 3, [512] * 3, [512] * 3]:
    for filters in block:
        place = len(nodes)
        names = [weight(f"conv{place}.weight", [filters, channels, 3, 3]), weight(f"conv{place}.bias", [filters])]
        tensor = add("Relu", [add("Conv", [tensor, *names], kernel_shape=[3, 3], pads=[1, 1, 1, 1])])
        channels = filters
    tensor = add("MaxPool", [tensor], kernel_shape=[2, 2], strides=[2, 2])
tensor = add("Flatten", [tensor])
width = 512 * 2 * 2
for index, units in enumerate([4096] * 7 + [1000]):
    place = len(nodes)
    names = [weight(f"fc{place}.weight", [units, width]), weight(f"fc{place}.bias", [units])]
    tensor = add("Gemm", [tensor, *names], transB=1)
    if index < 7:
        tensor = add("Relu", [tensor])
    width = units


def value(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


graph = helper.make_graph(
    nodes, "vgg_wide", [value("input", [1, 3, 64, 64])], [value(tensor, [1, 1000])], initializers)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
path = pathlib.Path(__file__).parent / "vgg_wide.onnx"
path.write_bytes(model.SerializeToString())
print(path.name, offset, "bytes of weights")
