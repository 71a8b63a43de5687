#!/bin/sh
# check_bad_tree.sh ROOT - the checks find what is wrong in a tree that is wrong on purpose.
set -eu
tests=$1/tests
{
    sh "$tests/check_includes.sh" "$tests/data/bad_tree" || echo "check_includes: refused"
    sh "$tests/check_text.sh" "$tests/data/bad_tree" || echo "check_text: refused"
} | diff "$tests/data/bad_tree.expected" -
