#!/bin/sh
# What `make bench` runs: ratios by `lamella bench`, then what only an outsider can measure.
#
#     bench.sh PATH_OF_LAMELLA [FOLDER_OF_DRAWINGS]
set -eu
here=$(dirname "$0")
lamella=$1
drawings=${2:-.}

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
echo "Shared plans over boards and operators, by the planner's own figures:"
mkdir -p "$drawings"
"$lamella" bench sharing "$models/mobilenet.onnx" "$models/vgg11.onnx" "$models/resnet50.onnx" \
    --sizes "$models"/*.onnx \
    --latency-svg "$drawings/sharing-latency.svg" --planning-svg "$drawings/sharing-planning.svg"
echo "drawn: $drawings/sharing-latency.svg, $drawings/sharing-planning.svg"

echo
printf 'binary, stripped: %s MB\n' "$(stat -c %s "$lamella" | awk '{printf "%.1f", $1 / 1e6}')"
# ICU keeps its tables under this name; they alone would be 30 MB.
if grep -q icudt "$lamella"; then
    echo "ICU in the binary: yes, and it should not be" >&2
    exit 1
fi
echo "ICU in the binary: none"
python3 "$here/idle_memory.py" "$lamella"

echo
echo "Profiles of MobileNetV3, at the clock that the board has:"
python3 "$here/profile_cost.py" "$lamella" "$models/mobilenet_v3_large.onnx"

echo
echo "A cluster that waits, and one whose grids change:"
python3 "$here/idle_cluster.py" "$lamella" "$here/../Fixtures/digits/digits.onnx"
