#!/usr/bin/env python3
"""Trains the demo's network on scikit-learn's handwritten digits and writes it as ONNX.

The data are the 1,797 images of 8 x 8 pixels of the UCI "Optical Recognition of Handwritten Digits"
test set (E. Alpaydin, C. Kaynak; CC BY 4.0), which scikit-learn carries inside its package. 360 of
them, the same share of every digit, are held out: the network never sees them while it learns.

    python3 -m venv venv && venv/bin/pip install -r ../requirements.txt
    venv/bin/python train_digits.py

Writes digits.onnx (weights inside), test_images.npy (float32 [360, 1, 8, 8], 0 to 1) and
test_labels.npy (int64 [360]), and prints the accuracy on the held-out images as ONNX Runtime gets it.
The same versions of the packages on the same kind of processor write the same bytes.
"""

import pathlib
import sys
import warnings

import numpy
import onnx
import onnxruntime
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SEED = 1797
HELD_OUT = 360
EPOCHS = 60
BATCH = 64
ACCURACY_MIN = 0.97
FOLDER = pathlib.Path(__file__).parent


def convolution(channels_in, channels_out):
    return [
        torch.nn.Conv2d(channels_in, channels_out, 3, padding=1),
        torch.nn.BatchNorm2d(channels_out),
        torch.nn.ReLU(),
    ]


def network():
    """Seven convolutions and a classifier, about 11 MFLOP an image.

    Tensors shrink step by step after the first layer (16, 14, 12, 10 KiB, then 3 and 1), so every cut
    trades compute against transfer.
    """
    return torch.nn.Sequential(
        *convolution(1, 64),
        *convolution(64, 56),
        *convolution(56, 48),
        *convolution(48, 40),
        torch.nn.MaxPool2d(2),
        *convolution(40, 48),
        *convolution(48, 48),
        torch.nn.MaxPool2d(2),
        *convolution(48, 64),
        torch.nn.Flatten(),
        torch.nn.Dropout(0.3),
        torch.nn.Linear(256, 10),
    )


def shifted(images, generator):
    """Each batch moved by up to one pixel: a digit does not change when it is not centred."""
    rows, columns = torch.randint(-1, 2, (2,), generator=generator).tolist()
    padded = torch.nn.functional.pad(images, (1, 1, 1, 1))
    return padded[:, :, 1 + rows : 9 + rows, 1 + columns : 9 + columns]


def train(images, labels):
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    model = network()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
    steps = EPOCHS * ((len(images) + BATCH - 1) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images), generator=generator).split(BATCH):
            optimizer.zero_grad()
            scores = model(shifted(images[batch], generator))
            torch.nn.functional.cross_entropy(scores, labels[batch]).backward()
            optimizer.step()
            schedule.step()
    return model.eval()


def write_onnx(model, path):
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            model, (torch.zeros(1, 1, 8, 8),), dynamo=True, opset_version=18, input_names=["input"],
            output_names=["scores"], verbose=False)
    proto = program.model_proto
    proto.graph.name = "digits"
    proto.producer_version = ""
    proto.doc_string = ""
    del proto.metadata_props[:]
    for entry in [*proto.graph.node, *proto.graph.initializer, *proto.graph.input, *proto.graph.output,
                  *proto.graph.value_info]:
        entry.doc_string = ""
        del entry.metadata_props[:]
    onnx.checker.check_model(proto, full_check=True)
    path.write_bytes(proto.SerializeToString(deterministic=True))


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    digits = load_digits()
    images = (digits.images / 16.0).astype(numpy.float32)[:, None, :, :]
    labels = digits.target.astype(numpy.int64)
    train_images, test_images, train_labels, test_labels = train_test_split(
        images, labels, test_size=HELD_OUT, random_state=SEED, stratify=labels)
    model = train(torch.from_numpy(train_images), torch.from_numpy(train_labels))
    write_onnx(model, FOLDER / "digits.onnx")
    numpy.save(FOLDER / "test_images.npy", numpy.ascontiguousarray(test_images))
    numpy.save(FOLDER / "test_labels.npy", test_labels)

    session = onnxruntime.InferenceSession(
        str(FOLDER / "digits.onnx"), providers=["CPUExecutionProvider"])
    scores = numpy.concatenate([
        session.run(None, {"input": test_images[i : i + 1]})[0] for i in range(HELD_OUT)])
    right = int((scores.argmax(axis=1) == test_labels).sum())
    print(f"held-out accuracy {right / HELD_OUT:.4f} ({right} of {HELD_OUT}), "
          f"{(FOLDER / 'digits.onnx').stat().st_size} bytes")
    if right / HELD_OUT < ACCURACY_MIN:
        sys.exit(f"below {ACCURACY_MIN}")


if __name__ == "__main__":
    main()
