#!/usr/bin/env python3
"""Writes the weightless ONNX models of Tests/Fixtures/models.

Every model is built from its configuration with random weights (nothing is downloaded), exported by
torch.onnx at opset 18 with batch 1 and static shapes, and stripped: weights become references to
external data that is not there, and comments, stack traces and other metadata go. What is left is
the graph: operators, shapes, constants, and how many bytes of weights sit at which offset.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python export_models.py                 # all models
    venv/bin/python export_models.py alexnet vgg11   # some of them
    venv/bin/python export_models.py --check alexnet # also compare with torch and load in ONNX Runtime

The same versions of the packages write the same bytes.
"""

import argparse
import hashlib
import pathlib
import sys
import tempfile
import warnings

import torch

# torchvision registers shape functions for operators that its C++ part defines. Where that part does
# not load (a CPU wheel of another minor version), the two names must exist before the import.
declarations = torch.library.Library("torchvision", "DEF")
for schema in (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
):
    try:
        declarations.define(schema)
    except RuntimeError:
        pass

import numpy  # noqa: E402
import onnx  # noqa: E402
import torchvision  # noqa: E402
import transformers  # noqa: E402

OPSET = 18
SEED = 20260101
# Floating point initializers above this many bytes are weights and leave the file. Integers (shapes,
# axes, indices) and smaller values stay: shape inference needs the former, neither may be filled
# with random numbers, and the latter are constants such as an epsilon or a mean.
INLINE_BYTES_MAX = 64
WEIGHT_ALIGNMENT_BYTES = 64
FILE_BYTES_MAX = 75 * 1024
SEQUENCE_LENGTH = 128


def image(height, width):
    return (torch.rand(1, 3, height, width),)


def tokens(vocabulary):
    return (torch.randint(0, vocabulary, (1, SEQUENCE_LENGTH)),)


def torchvision_model(name, side=224, **options):
    def build():
        return torchvision.models.get_model(name, weights=None, **options), image(side, side)

    return build


class MobileNet(torch.nn.Module):
    """MobileNet of 2017 (Howard et al., table 1), width 1, which torchvision lacks."""

    def __init__(self):
        super().__init__()

        def convolution(inputs, outputs, kernel, stride, groups=1):
            return [
                torch.nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
                torch.nn.BatchNorm2d(outputs), torch.nn.ReLU()]

        layers = convolution(3, 32, 3, 2)
        channels = 32
        for outputs, stride in (
            (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1),
        ):
            layers += convolution(channels, channels, 3, stride, groups=channels)
            layers += convolution(channels, outputs, 1, 1)
            channels = outputs
        self.layers = torch.nn.Sequential(
            *layers, torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(channels, 1000))

    def forward(self, input):
        return self.layers(input)


def mobilenet():
    return MobileNet(), image(224, 224)


class WithoutAuxiliaryHeads(torch.nn.Module):
    """Inception and GoogLeNet without the heads that only training uses."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input):
        return self.model(input)


class Detector(torch.nn.Module):
    """SSDlite320's convolutional part: backbone and both heads, no anchors, no suppression of boxes."""

    def __init__(self, model):
        super().__init__()
        self.backbone = model.backbone
        self.head = model.head

    def forward(self, input):
        features = list(self.backbone(input).values())
        heads = self.head(features)
        return heads["bbox_regression"], heads["cls_logits"]


def ssdlite320():
    model = torchvision.models.detection.ssdlite320_mobilenet_v3_large(
        weights=None, weights_backbone=None)
    return Detector(model), image(320, 320)


class LanguageModel(torch.nn.Module):
    """Token identifiers in, logits out; the causal mask is a constant."""

    def __init__(self, model):
        super().__init__()
        self.model = model
        blocked = torch.full((SEQUENCE_LENGTH, SEQUENCE_LENGTH), -10000.0)
        self.register_buffer("mask", torch.triu(blocked, diagonal=1)[None, None])

    def forward(self, input):
        return self.model(input_ids=input, attention_mask=self.mask, use_cache=False).logits


class Encoder(torch.nn.Module):
    """Token identifiers in, the last hidden state out; one sentence, nothing masked."""

    def __init__(self, model):
        super().__init__()
        self.model = model
        self.register_buffer("types", torch.zeros(1, SEQUENCE_LENGTH, dtype=torch.int64))
        self.register_buffer("mask", torch.zeros(1, 1, SEQUENCE_LENGTH, SEQUENCE_LENGTH))

    def forward(self, input):
        return self.model(
            input_ids=input, token_type_ids=self.types, attention_mask=self.mask).last_hidden_state


def bert_base():
    config = transformers.BertConfig(attn_implementation="eager")
    return Encoder(transformers.BertModel(config, add_pooling_layer=False)), tokens(config.vocab_size)


def gpt2():
    config = transformers.GPT2Config(attn_implementation="eager")
    return LanguageModel(transformers.GPT2LMHeadModel(config)), tokens(config.vocab_size)


def qwen2_0_5b():
    config = transformers.Qwen2Config(
        vocab_size=151936, hidden_size=896, intermediate_size=4864, num_hidden_layers=24,
        num_attention_heads=14, num_key_value_heads=2, max_position_embeddings=32768,
        rope_theta=1000000.0, rms_norm_eps=1e-6, tie_word_embeddings=True,
        attn_implementation="eager")
    return LanguageModel(transformers.Qwen2ForCausalLM(config)), tokens(config.vocab_size)


MODELS = {
    "alexnet": torchvision_model("alexnet"),
    "vgg11": torchvision_model("vgg11"),
    "vgg13": torchvision_model("vgg13"),
    "vgg16": torchvision_model("vgg16"),
    "vgg19": torchvision_model("vgg19"),
    "resnet18": torchvision_model("resnet18"),
    "resnet50": torchvision_model("resnet50"),
    "resnet101": torchvision_model("resnet101"),
    "inception_v3": torchvision_model("inception_v3", 299, aux_logits=False, init_weights=False),
    "googlenet": torchvision_model("googlenet", aux_logits=False, init_weights=False),
    "squeezenet1_1": torchvision_model("squeezenet1_1"),
    "mobilenet": mobilenet,
    "mobilenet_v3_large": torchvision_model("mobilenet_v3_large"),
    "efficientnet_b0": torchvision_model("efficientnet_b0"),
    "regnet_y_400mf": torchvision_model("regnet_y_400mf"),
    "ssdlite320": ssdlite320,
    "vit_b_16": torchvision_model("vit_b_16"),
    "bert_base": bert_base,
    "gpt2": gpt2,
    "qwen2_0_5b": qwen2_0_5b,
}


def is_weight(tensor, byte_count):
    return tensor.data_type == onnx.TensorProto.FLOAT and byte_count > INLINE_BYTES_MAX


def strip_metadata(model):
    """Removes what a reader of the graph does not need, most of all stack traces."""
    model.doc_string = ""
    model.producer_version = ""
    del model.metadata_props[:]
    del model.functions[:]

    def strip_graph(graph):
        graph.doc_string = ""
        del graph.metadata_props[:]
        for entry in [*graph.node, *graph.initializer, *graph.input, *graph.output, *graph.value_info]:
            entry.doc_string = ""
            del entry.metadata_props[:]
        for node in graph.node:
            for attribute in node.attribute:
                attribute.doc_string = ""
                if attribute.HasField("g"):
                    strip_graph(attribute.g)

    strip_graph(model.graph)


def move_weights_out(model, location):
    """Turns weights into references to `location`; returns what the file there would hold."""
    weights = bytearray()
    for tensor in model.graph.initializer:
        raw = onnx.numpy_helper.to_array(tensor).tobytes()
        if not is_weight(tensor, len(raw)):
            # One encoding for all that stays.
            kept = onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(tensor), tensor.name)
            tensor.CopyFrom(kept)
            continue
        weights.extend(b"\0" * (-len(weights) % WEIGHT_ALIGNMENT_BYTES))
        offset = len(weights)
        weights.extend(raw)
        shape, element_type, name = list(tensor.dims), tensor.data_type, tensor.name
        tensor.Clear()
        tensor.name, tensor.data_type = name, element_type
        tensor.dims.extend(shape)
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", location), ("offset", offset), ("length", len(raw))):
            tensor.external_data.add(key=key, value=str(value))
    return weights


def vary_constants(module):
    """Gives parameters that start out constant (biases, norms, some heads) a little noise.

    The exporter merges initializers of equal values; trained models have none.
    """
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.numel() > 1 and parameter.min() == parameter.max():
                parameter.add_(0.02 * torch.randn_like(parameter))


def shorten_names(model):
    """Drops node names and gives inner tensors names of one or two characters."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    kept = {value.name for value in [*model.graph.input, *model.graph.output]} | {""}
    shorter = {name: name for name in kept}

    def short(name):
        if name not in shorter:
            index, text = len(shorter), ""
            while index:
                index, digit = divmod(index, len(digits))
                text = digits[digit] + text
            shorter[name] = text
        return shorter[name]

    for node in model.graph.node:
        node.name = ""
        if any(attribute.HasField("g") for attribute in node.attribute):
            sys.exit(f"{model.graph.name}: {node.op_type} holds a graph, whose names are not shortened")
        for names in (node.input, node.output):
            renamed = [short(name) for name in names]
            del names[:]
            names.extend(renamed)
    for tensor in model.graph.initializer:
        tensor.name = short(tensor.name)


def drop_default_attributes(model):
    """Removes attributes that say what the operator's definition says anyway."""
    for node in model.graph.node:
        schema = onnx.defs.get_schema(node.op_type, OPSET, node.domain)
        kept = [
            attribute for attribute in node.attribute
            if schema.attributes[attribute.name].default_value.SerializeToString()
            != attribute.SerializeToString()
        ]
        del node.attribute[:]
        node.attribute.extend(kept)


def export(name):
    torch.manual_seed(SEED)
    module, inputs = MODELS[name]()
    module.eval()
    vary_constants(module)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module, inputs, dynamo=True, opset_version=OPSET, input_names=["input"], verbose=False)
        expected = module(*inputs)
    model = program.model_proto
    model.graph.name = name
    strip_metadata(model)
    expected = [expected] if isinstance(expected, torch.Tensor) else list(expected)
    return model, [tensor.numpy() for tensor in inputs], [tensor.numpy() for tensor in expected]


def check(name, model, weights, inputs, expected):
    """Shapes hold everywhere, and with its weights back the model computes what torch computed."""
    import onnxruntime

    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    known = {value.name for value in [*inferred.graph.value_info, *inferred.graph.output]}
    for node in model.graph.node:
        for output in node.output:
            if output and output not in known:
                sys.exit(f"{name}: no shape for {output} of {node.name}")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / f"{name}.onnx"
        path.write_bytes(model.SerializeToString(deterministic=True))
        (path.parent / f"{name}.weights").write_bytes(weights)
        onnx.checker.check_model(str(path), full_check=True)
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        feed = {value.name: array for value, array in zip(session.get_inputs(), inputs)}
        for got, wanted in zip(session.run(None, feed), expected):
            scale = numpy.abs(wanted).max()
            difference = float(numpy.abs(got - wanted).max() / scale)
            if got.shape != wanted.shape or difference > 1e-3:
                sys.exit(f"{name}: ONNX Runtime differs from torch by {difference:.2e} of {scale:.2e}")
    print(f"    checked: shapes of all {len(model.graph.node)} nodes, ONNX Runtime equals torch")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="run each model in ONNX Runtime too")
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent / "models")
    parser.add_argument("names", nargs="*", help=" ".join(MODELS))
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in MODELS]
    if unknown:
        parser.error(f"unknown models: {' '.join(unknown)}; known: {' '.join(MODELS)}")
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name in arguments.names or MODELS:
        model, inputs, expected = export(name)
        weights = move_weights_out(model, f"{name}.weights")
        data = model.SerializeToString(deterministic=True)
        if len(data) > FILE_BYTES_MAX:
            # Intermediate shapes can be inferred again; everything else cannot.
            del model.graph.value_info[:]
            data = model.SerializeToString(deterministic=True)
        if len(data) > FILE_BYTES_MAX:
            drop_default_attributes(model)
            shorten_names(model)
            data = model.SerializeToString(deterministic=True)
        if len(data) > FILE_BYTES_MAX:
            sys.exit(f"{name} is {len(data)} bytes, above {FILE_BYTES_MAX}")
        (arguments.output / f"{name}.onnx").write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        print(f"{name:20} {len(data):7} bytes  {len(weights):11} bytes of weights  {digest[:16]}"
              f"  {len(model.graph.value_info)} shapes", flush=True)
        if arguments.check:
            check(name, model, bytes(weights), inputs, expected)


if __name__ == "__main__":
    main()
