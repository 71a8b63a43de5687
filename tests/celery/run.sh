#!/bin/sh
# run.sh THEME BROKER [TEST...] - the tests of test_THEME.py with the system's Python, whose packages Debian's Celery is among.
python=/usr/bin/python3
if [ ! -x "$python" ]; then
    echo "SKIP: there is no $python"
    exit 77
fi
theme=$1
shift
exec "$python" -B "$(dirname -- "$0")/test_$theme.py" "$@"
