#!/bin/sh
# check_unit.sh ROOT SCRATCH PROGRAM - systemd understands the unit of the service, all of it.
set -eu
command -v systemd-analyze >/dev/null || {
    echo "SKIP: there is no systemd-analyze"
    exit 77
}
mkdir -p -- "$2"
sed "s|^ExecStart=svi-worker |ExecStart=$3 |" "$1/cmake/package/svi-worker.service" >"$2/svi-worker.service"
if ! said=$(systemd-analyze verify --man=no "$2/svi-worker.service" 2>&1) || [ -n "$said" ]; then
    printf '%s\n' "$said"
    exit 1
fi
