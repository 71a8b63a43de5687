#!/bin/sh
# check_includes.sh ROOT - includes go down the arrows only: base < capture < device < visual < host, and each system library is
# known to as few folders as can be. CMake's include paths say the first part too, but not to a reader, nor for main.c.
set -eu
cd -- "$1"

# The dollars are awk's.
# shellcheck disable=SC2016
find src host -name '*.[ch]' | LC_ALL=C sort | xargs awk '
    BEGIN {
        split("base capture device visual host", order)
        for (i in order)
            rank[order[i]] = i
        # The lowest folder and the highest one that may include it.
        allow("CL/", "device", "device")
        allow("clFFT.h", "device", "device")
        allow("stb_", "visual", "visual")
        allow("isa-l.h", "visual", "host")
        allow("curl/", "host", "host")
        allow("microhttpd.h", "host", "host")
        allow("sqlite3.h", "host", "host")
        allow("sys/socket.h", "host", "host")
        allow("netinet/", "host", "host")
        allow("sys/wait.h", "host", "host")
        allow("spawn.h", "host", "host")
    }
    function allow(start, low, high) { lowest[start] = rank[low]; highest[start] = rank[high] }
    function complain(text) { print FILENAME ":" FNR ": " text; bad = 1 }
    FNR == 1 {
        count = split(FILENAME, part, "/")
        folder = part[1] == "host" ? "host" : part[2]
        files++
        if (!(folder in rank))
            complain("the folder " folder " has no place in the order of folders")
    }
    /^[ \t]*#[ \t]*include[ \t]*"/ {
        split($0, quoted, "\"")
        below = quoted[2]
        sub("/.*", "", below)
        if (!(below in rank) || below == quoted[2])
            complain("\"" quoted[2] "\" does not name its folder")
        else if (rank[below] > rank[folder])
            complain(folder " may not include " quoted[2])
    }
    /^[ \t]*#[ \t]*include[ \t]*</ {
        split($0, angle, "[<>]")
        for (start in lowest)
            if (index(angle[2], start) == 1 && (rank[folder] < lowest[start] || rank[folder] > highest[start]))
                complain(folder " may not include <" angle[2] ">")
    }
    END {
        if (!bad)
            print files " files, all includes go down"
        exit bad
    }'
