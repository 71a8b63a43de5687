#!/bin/sh
# follow_page.sh ROOT PAGE SCRATCH - does what a page of docs/ says, in a copy of the tree: a fenced block whose first line ends with
# a path is that file, ">> PATH" is appended to it. Then builds and runs the one test that the page adds, and the replay of a fuzz
# target where it adds one.
set -eu
root=$1 page=$2 scratch=$3
rm -rf -- "$scratch"
mkdir -p -- "$scratch/tree"
(cd -- "$root" && cp -R CMakeLists.txt CMakePresets.json LICENSE README.md cmake docs host kernels src tests "$scratch/tree")

cd -- "$scratch/tree"
awk '
    /^```[a-z]+ / {
        path = $NF
        folder = path
        sub("/[^/]*$", "", folder)
        system("mkdir -p -- " folder)
        appends = $2 == ">>"
        if (!appends) printf "" > path
        blocks++
        next
    }
    /^```/ { path = ""; next }
    path != "" && appends { print >> path; next }
    path != "" { print > path }
    END { exit blocks ? 0 : 1 }' "$page"
# The names that the page adds to a list of tests.
added() {
    diff "$root/$1" "$1" | sed -n "s/^> $2(\\([a-z_]*\\).*/\\1/p"
}
name=$(added tests/CMakeLists.txt svi_test)
replay=$(added tests/fuzz/CMakeLists.txt svi_fuzz)
test -n "$name"

cmake -S . -B ../build -DCMAKE_BUILD_TYPE=Release -DSVI_WERROR=ON -DSVI_TEST_POCL_CACHE="$SVI_TEST_POCL_CACHE" >/dev/null
cmake --build ../build --target "test_$name" ${replay:+"replay_$replay"} >../build.log || { cat ../build.log; exit 1; }
cd ../build
ctest -R "^($name${replay:+|replay_$replay})\$" --no-tests=error --output-on-failure
