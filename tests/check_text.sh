#!/bin/sh
# check_text.sh ROOT - what no compiler looks at: calls that are not to be used, headers without a first comment, files that have
# grown too long, files that lie about, tests that nobody runs, links of pages that lead nowhere, and paths or hosts of somebody's machine.
set -eu
cd -- "$1"

list=$(mktemp)
found=$(mktemp)
trap 'rm -f "$list" "$found"' EXIT
# Without git (an unpacked archive) everything but the build is looked at.
if ! git ls-files --cached --others --exclude-standard >"$list" 2>/dev/null || ! [ -s "$list" ]; then
    find . \( -path ./build -o -path ./.git \) -prune -o -type f -print | sed 's,^\./,,' >"$list"
fi
# Not what git still lists but is gone, and not the tree that is bad on purpose (unless it is the root).
LC_ALL=C sort "$list" | grep -v '^tests/data/bad_tree' | while IFS= read -r name; do
    if [ -f "$name" ]; then
        printf '%s\n' "$name"
    fi
done >"$found"
cp "$found" "$list"
: >"$found"

# search FILES PATTERN WHAT: each line of the files whose name matches is searched.
search() {
    grep -E "$1" "$list" | tr '\n' '\0' | xargs -0 -r grep -InE -e "$2" /dev/null | sed "s|\$|   <- $3|" >>"$found" || :
}

search '^(src|host|tests)/.*\.[ch]$' '(^|[^A-Za-z0-9_])(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atof|strtok|system|popen)[ ]*\(' 'not to be called'
search '^tests/.*\.c$' '(^|[^A-Za-z0-9_])(sleep|usleep)[ ]*\(' 'wait for what is to happen, not for a while'
search '.' '(^|[^A-Za-z0-9_.~])/(work|home|root|Users)/[A-Za-z0-9]' 'a path of one machine'
search '.' '(deb|security|snapshot)[.]debian[.]org|pypi[.]org|pythonhosted[.]org|registry[.]npmjs[.]org' 'a package host'

check_headers() {
    grep -E '^(src|host|tests)/.*\.h$' "$list" | while IFS= read -r name; do
        if ! head -n 1 "$name" | grep -qF "/* ${name##*/} - "; then
            printf '%s:1:   <- must begin with "/* %s - what it knows"\n' "$name" "${name##*/}"
        fi
    done
}

check_lengths() {
    grep -E '\.([ch]|cl|cmake|sh|py)$' "$list" | grep -v '^tests/data/' | while IFS= read -r name; do
        if [ "$(wc -l <"$name")" -gt 700 ]; then
            printf '%s:701:   <- longer than 700 lines\n' "$name"
        fi
    done
}

check_links() {
    grep '\.md$' "$list" | while IFS= read -r name; do
        grep -noE '\]\([^)# ]+' "$name" | grep -vE 'https?:' | while IFS=: read -r line link; do
            link=${link#*(}
            if ! [ -e "$(dirname "$name")/$link" ]; then
                printf '%s:%s:   <- there is no %s\n' "$name" "$line" "$link"
            fi
        done
    done
}

check_tests() {
    sed -n 's,^tests/\(test_[a-z0-9_]*\)\.c$,\1,p' "$list" | while IFS= read -r name; do
        if ! grep -qE "(svi_test\(|test_)${name#test_}[ )]" tests/CMakeLists.txt; then
            printf 'tests/%s.c:1:   <- is not among the tests of tests/CMakeLists.txt\n' "$name"
        fi
    done
}

# What a test or a person has left behind would go along with the next commit.
check_top_level() {
    grep -vE '^((cmake|docs|host|kernels|src|tests|[.][^/]*)/|[.][^/]*$|(CMakeLists[.]txt|CMakePresets[.]json|LICENSE|README[.]md)$)' "$list" \
        | sed 's,$,:1:   <- does not belong at the top of the tree,'
}

{
    check_top_level
    check_headers
    check_lengths
    check_links
    check_tests
} >>"$found"
if [ -s "$found" ]; then
    cat "$found"
    exit 1
fi
printf '%s files, nothing found\n' "$(wc -l <"$list")"
