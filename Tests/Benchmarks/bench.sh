#!/bin/sh
# What `make bench` runs: ratios by `lamella bench`, then what only an outsider can measure.
#
#     bench.sh PATH_OF_LAMELLA
set -eu
here=$(dirname "$0")
lamella=$1

models=$here/../Fixtures/models
filled=$(mktemp -d)
trap 'rm -rf "$filled"' EXIT

echo "The data plane, ResNet50 with seeded weights:"
"$lamella" model fill "$models/resnet50.onnx" --output "$filled" --seed 1 >"$filled/log"
"$lamella" bench runtime --model "$filled/resnet50.onnx" --folder "$filled/store"

echo
echo "The exact planner against HiGHS, six boards with tight memories, every operator a layer:"
"$lamella" bench planners "$models/alexnet.onnx" "$models/vgg11.onnx" "$models/squeezenet1_1.onnx" \
    "$models/mobilenet_v3_large.onnx" "$models/resnet50.onnx" "$models/googlenet.onnx"

echo
printf 'binary, stripped: %s MB\n' "$(stat -c %s "$lamella" | awk '{printf "%.1f", $1 / 1e6}')"
# ICU keeps its tables under this name; they alone would be 30 MB.
if grep -q icudt "$lamella"; then
    echo "ICU in the binary: yes, and it should not be" >&2
    exit 1
fi
echo "ICU in the binary: none"
python3 "$here/idle_memory.py" "$lamella"
