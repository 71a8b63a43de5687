#!/bin/sh
# follow_gallery.sh ROOT PROGRAM SCRATCH - runs the commands of docs/gallery.md as they stand. They must make every picture that the page
# shows, each as large as the one in the tree, and no other.
set -eu
root=$1 program=$2 scratch=$3
rm -rf -- "$scratch"
mkdir -p -- "$scratch/bin" "$scratch/gallery"
ln -s -- "$program" "$scratch/bin/svi-worker"

cd -- "$scratch/gallery"
awk '/^```/ { inside = $0 == "```sh"; next } inside' "$root/docs/gallery.md" >../commands.sh
PATH=$scratch/bin:$PATH sh -eu ../commands.sh >../drawn

pictures() {
    find . -mindepth 2 -name '*.png' -not -path './scene/*' | LC_ALL=C sort
}
pictures >../made
sed -n 's,^!.*(gallery/\(.*\)).*,./\1,p' "$root/docs/gallery.md" | LC_ALL=C sort | diff - ../made
(cd -- "$root/docs/gallery" && pictures) | diff - ../made
# Signature, IHDR, width, height.
while IFS= read -r name; do
    cmp -n 24 -- "$name" "$root/docs/gallery/$name"
done <../made
printf '%s pictures\n' "$(wc -l <../made)"
