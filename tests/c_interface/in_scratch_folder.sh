#!/bin/sh
# in_scratch_folder.sh PROGRAM: runs PROGRAM FOLDER with an empty folder that is removed afterwards.
set -u
folder=$(mktemp -d) || exit 1
trap 'rm -rf -- "$folder"' EXIT
"$1" "$folder"
