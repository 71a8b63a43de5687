#!/bin/sh
# ptxas.sh KERNELS [ARCH...] - what NVIDIA's assembler makes of the kernels' forms for GPUs: registers of a work-item, bytes of its stack and
# of spilled registers (both are memory of the device), local memory of a work-group. Needs clang with libclc for nvptx64, and ptxas.
# CLANG, LIBCLC and PTXAS name others than Debian's clang-14, libclc-14 and the ptxas of PATH.
set -eu
kernels=$1
shift
[ $# -gt 0 ] || set -- sm_75 sm_90
clang=${CLANG:-clang-14} libclc=${LIBCLC:-/usr/lib/clc/nvptx64--nvidiacl.bc} ptxas=${PTXAS:-ptxas}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# look TITLE ITEMS DEFINITIONS FILE...: builds the files as svi-worker does for a GPU. ITEMS: of a work-group, 0 where the driver chooses;
# clang does not hand on what a kernel requires.
look() {
    title=$1 items=$2 definitions=$3
    shift 3
    {
        cat "$kernels/shares.cl"
        for definition in ON_CPU=0 $definitions; do
            printf '#define %s %s\n' "${definition%%=*}" "${definition#*=}"
        done
        for file; do
            cat "$kernels/$file.cl"
        done
    } >"$folder/kernel.cl"
    "$clang" -x cl -cl-std=CL1.2 -Xclang -finclude-default-header -target nvptx64-nvidia-nvcl -march=sm_70 \
        -Xclang -target-feature -Xclang +ptx63 -Xclang -mlink-builtin-bitcode -Xclang "$libclc" -Wno-linker-warnings -O3 \
        -S -o "$folder/all.ptx" "$folder/kernel.cl"
    awk -v items="$items" '/\.entry/ { entry = 1 } entry && /^\{/ { if (items) printf ".reqntid %d, 1, 1\n", items; entry = 0 } { print }' \
        "$folder/all.ptx" >"$folder/kernel.ptx"
    for arch in $archs; do
        "$ptxas" -v -arch="$arch" "$folder/kernel.ptx" -o /dev/null 2>&1 | awk -v title="$title" -v arch="$arch" '
            /error/ { print; exit 1 }
            /Compiling entry function/ { split($0, quoted, "\047"); kernel = quoted[2] }
            /bytes stack frame/ { stack = $1; spilled = $5 + $9 }
            /Used [0-9]+ registers/ {
                local = 0
                for (i = 2; i <= NF; i++) {
                    if ($i == "registers,") registers = $(i - 1)
                    if ($i ~ /^smem/) local = $(i - 2)
                }
                printf "%-24s %-14s %-6s %4d registers, stack %d, spilled %d, local memory %d\n",
                    kernel, title, arch, registers, stack, spilled, local
            }'
    done
}

archs=$*
look '' 0 '' decibels cells_to_db colorize count_lost merge_cells value_range value_histogram merge_spectrum
look '' 32 '' mark_lost
look '' 64 '' accumulate_levels
for kernel in accumulate_cells accumulate_largest accumulate_power_counts accumulate_spectrum decay_levels; do
    look '' 0 '' "$kernel"
done
look 'in dB' 0 IN_DB=1 decibels frame_text
# Kind, big endian, floats, bits.
for numbers in F32:0:1:32 F64:1:1:64 I16:0:0:16 U32:0:0:32; do
    datatype=${numbers%%:*} bits=${numbers##*:} rest=${numbers#*:}
    big_endian=${rest%%:*} rest=${rest#*:}
    numbers="NUMBER_KIND=$datatype NUMBER_BIG_ENDIAN=$big_endian NUMBER_PARTS=2 NUMBER_FLOATS=${rest%%:*} NUMBER_BITS=$bits"
    look "$datatype" 0 "$numbers OWN_TILES=0" load_number count_points
    look "$datatype" 0 "$numbers LANES=1" load_number sum_samples
    # As src/device/fused_group.c lays them out with 48 KiB of local memory.
    for layout in 16:4:16:2 32:4:16:2 64:8:8:2 128:8:8:2 256:16:4:2 512:64:1:2 1024:64:1:2 2048:128:1:2 4096:256:1:2 8192:512:1:1; do
        length=${layout%%:*} rest=${layout#*:}
        items=${rest%%:*} rest=${rest#*:}
        look "$datatype $length" $((items * ${rest%%:*})) \
            "$numbers LENGTH=$length ONE_SIDED=0 LANES=1 ITEMS=$items TOGETHER=${rest%%:*} PLANES=${rest#*:}" \
            load_number butterflies transform_frames_group
    done
done
