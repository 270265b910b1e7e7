#!/usr/bin/env bash
# Packs dist/faild, and the same for the other architecture where a Deno runtime for that can be had.
. "$(dirname "$0")/env.sh"
cd "$root"
version=$(sed -n 's/^ *"version": *"\([^"]*\)".*/\1/p' deno.json)
other=aarch64
[[ $arch == aarch64 ]] && other=x86_64

# pack FILE ARCHITECTURE: the same input gives the same archive, byte for byte.
pack() {
  local name=faild-$version-linux-$2 place
  place=$(mktemp -d "$work/pack.XXXXXX")
  mkdir "$place/$name"
  cp README.md LICENSE config.example.yaml "$place/$name/"
  cp "$1" "$place/$name/faild"
  chmod 644 "$place/$name"/*
  chmod 755 "$place/$name" "$place/$name/faild"
  tar -C "$place" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@${SOURCE_DATE_EPOCH:-0}" -cf - "$name" |
    gzip -n -9 >"$place/$name.tar.gz"
  (cd "$place" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
  mv -f "$place/$name.tar.gz" "$place/$name.tar.gz.sha256" dist/
  rm -rf "$place"
  say "Made dist/$name.tar.gz"
}

pack dist/faild "$arch"
.build/build.sh "$work/faild-$other" "$other"
say "The program for $other has not been run: this machine is $arch"
pack "$work/faild-$other" "$other"
