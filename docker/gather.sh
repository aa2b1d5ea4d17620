#!/bin/sh
# Gathers what a program needs to run: copies it and the shared libraries it asks for to the same
# places below DIR, but for those named in HAVE, a list of paths that are there already.
#
#   gather.sh PROGRAM DIR [HAVE]
#
# Asking the loader rather than the package manager: the packages would bring ten times as much.
set -eu
program=$1
dir=$2
have=${3:-/dev/null}

put() { # PATH: by the name that the loader looks for, in the directory that /lib is a link to
    target=$(readlink -f "$(dirname "$1")")/$(basename "$1")
    grep -qxF "$target" "$have" && return 0
    mkdir -p "$dir$(dirname "$target")"
    cp -L "$1" "$dir$target"
}

mkdir -p "$dir/usr/local/bin"
install -s -m 0755 "$program" "$dir/usr/local/bin/winnow"
ldd "$program" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p' |
    while read -r library; do
        put "$library"
    done
