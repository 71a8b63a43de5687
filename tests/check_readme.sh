#!/bin/sh
# check_readme.sh ROOT - the README names every command, type of picture and parameter that the tables have, docs/operate.md all metrics.
set -eu
cd -- "$1"
missing=0
for name in $(sed -n 's/^SVI_COMMAND([A-Z_]*, *[a-z_]*, *"\([a-z-]*\)".* false,$/\1/p' host/command_list.h) \
    $(sed -n 's/^SVI_VISUAL(\([a-z_]*\))$/\1/p' src/visual/visual_list.h) \
    $(sed -n 's/^SVI_[A-Z]*([A-Z_]*, *"\([a-zA-Z]*\)".*/\1/p' src/visual/param_list.h); do
    if ! grep -qE "(\`|svi-worker |setup.sh )$name(\`| )" README.md; then
        printf 'README.md says nothing of %s\n' "$name"
        missing=1
    fi
    named="${named:-} $name"
done
families=$(sed -n 's/^SVI_METRIC([A-Z_]*, *"\([a-z_]*\)".*/\1/p' host/metric_list.h | sort -u)
for family in $families; do
    if ! grep -q "\`$family\`" docs/operate.md; then
        printf 'docs/operate.md says nothing of %s\n' "$family"
        missing=1
    fi
    named="$named $family"
done
# A table that is set otherwise than the patterns above must not pass for an empty one.
for name in render waterfall fftSize colormap svi_worker_jobs_total; do
    case " ${named:-} " in
    *" $name "*) ;;
    *)
        printf 'the tables seem to have no %s\n' "$name"
        missing=1
        ;;
    esac
done
exit $missing
