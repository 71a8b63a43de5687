#!/bin/sh
# simulator.sh SCRATCH TEST... - runs tests of what is made for GPUs on oclgrind, which simulates an OpenCL device work-item by work-item
# and reports what a device hides: data races, access outside of buffers, barriers that not all items reach, wrong calls. Any report
# is a failure.
set -eu
scratch=$1
shift
command -v oclgrind >/dev/null || {
    echo "skipped: oclgrind is not installed"
    exit 77
}
for test; do
    reports=$scratch/$(basename -- "$test").reports
    rm -f -- "$reports"
    # As much local memory as a work-group of most GPUs has; several units, so that work is shared out.
    oclgrind --data-races --check-api --max-errors 20 --local-mem-size 49152 --global-mem-size 2147483648 --compute-units 4 \
        --log "$reports" "$test"
    [ ! -s "$reports" ] || {
        cat -- "$reports"
        exit 1
    }
done
