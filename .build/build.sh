#!/usr/bin/env bash
# Makes one executable file of the program.
#   build.sh OUTPUT [ARCHITECTURE]
# First main.ts and all it imports become one script, then that script and a Deno runtime become one file. Which
# runtime: the one that DENORT_BIN names (for the other architecture DENORT_BIN_AARCH64 or DENORT_BIN_X86_64), else the
# current Deno's own, downloaded, else the older pinned pair. docs/BUILD.md has the reasons for all that is chosen here.
. "$(dirname "$0")/env.sh"
output=$1
target_arch=${2:-$arch}
target=$target_arch-unknown-linux-gnu
version=$(sed -n 's/^ *"version": *"\([^"]*\)".*/\1/p' "$root/deno.json")

# What the program may do; all else is refused without a question.
permissions=(
  --no-prompt
  --allow-net
  --allow-read
  --allow-write
  --allow-run
  --allow-sys=hostname,uid
  --allow-env=FAILD_RUN_DIR,NOTIFY_SOCKET,WATCHDOG_USEC,JOURNAL_STREAM,TERM,NO_COLOR,COLUMNS
  --deny-import
)

# How V8 runs it: chosen by measurement.
v8_flags=${V8_FLAGS---max-semi-space-size=1,--no-opt,--no-maglev,--single-threaded-gc}

# One build at a time; each works in a folder of its own and moves its result into place.
mkdir -p "$work" "$(dirname "$output")"
exec 8>"$work/lock"
flock 8
place=$(mktemp -d "$work/build.XXXXXX")
trap 'rm -rf "$place"' EXIT

# main.ts and its imports as one script of ASCII, its comments and blanks left out and its names left in.
bundle() {
  (cd "$root" && "$deno" bundle --quiet --frozen --output "$place/bundle.js" main.ts)
  "$esbuild" "$place/bundle.js" --minify-whitespace --minify-syntax --line-limit=120 --charset=ascii \
    --log-level=warning --outfile="$place/faild.js"
  # Its time goes into the program; without it the same sources give the same program, byte for byte.
  touch -d "@${SOURCE_DATE_EPOCH:-0}" "$place/faild.js"
}

# compile DENO [RUNTIME]: makes $place/faild; with no runtime named, Deno downloads its own.
compile() {
  local options=(--quiet --no-config --no-lock --no-check --no-remote --no-npm --no-code-cache --unstable-net)
  [[ -z $v8_flags ]] || options+=("--v8-flags=$v8_flags")
  (
    cd "$place"
    export NO_COLOR=1
    if [[ -n ${2:-} ]]; then export DENORT_BIN=$2; else unset DENORT_BIN; fi
    "$1" compile "${options[@]}" "${permissions[@]}" --target "$target" --output faild faild.js
  ) 2>"$place/compile.log"
}

# The architecture that an ELF file is for, as two bytes of its header say.
elf_arch() {
  case $(od -An -tx1 -j 18 -N 2 "$1" | tr -d ' ') in
    3e00) echo x86_64 ;;
    b700) echo aarch64 ;;
    *) echo unknown ;;
  esac
}

# What is wrong with the file just made; nothing where it is right. Of another architecture only the header can be judged.
fault() {
  local found
  found=$(elf_arch "$place/faild")
  if [[ $found != "$target_arch" ]]; then
    echo "made for $found, not for $target_arch"
  elif [[ $target_arch == "$arch" ]]; then
    found=$(env -i NO_COLOR=1 "$place/faild" --version 2>&1 | head -n 1) || true
    [[ $found == "faild $version" ]] || echo "faild --version must print faild $version, prints ${found:-nothing}"
  fi
}

# Why a compilation failed, on one line: the innermost cause that Deno names.
complaint() {
  sed -n '/^Stack backtrace/q; s/^ *[0-9]*: //p; s/^error: //p' "$place/compile.log" | grep . | tail -n 1 ||
    echo "it printed no reason"
}

# Why the current Deno's runtime is not to be had; nothing where it is. A site that does not answer costs ten seconds.
unreachable() {
  local archive=denort-$target.zip
  [[ -e $DENO_DIR/dl/release/v$deno_version/$archive ]] && return
  "$deno" run --quiet --no-config --no-lock --no-prompt --allow-net --allow-env "$root/.build/reachable.ts" \
    "$denort_site/v$deno_version/$archive" 2>&1 || true
}

# Compiles with a runtime that somebody chose: what is wrong with it is an error, nothing else is tried.
build_with_given() {
  [[ -f $2 ]] || die "Cannot use $1: must be a file, is $2"
  compile "$deno" "$2" || die "Cannot compile with $1=$2: $(complaint)"
  local wrong
  wrong=$(fault)
  [[ -z $wrong ]] || die "Cannot use $1: must be the denort of Deno $deno_version for $target, but $2 gives a program that is wrong: $wrong"
}

# Compiles with the current Deno and its own runtime, or says why not.
build_current() {
  why=$(unreachable)
  [[ -z $why ]] || return 1
  compile "$deno" || { why=$(complaint) && return 1; }
  why=$(fault)
  [[ -z $why ]]
}

# Compiles with the pinned pair.
build_pair() {
  "$root/.build/toolchain.sh" pair
  DENO_DIR=$tools/cache-$pair_version compile "$pair_deno" "$pair_denort" ||
    die "Cannot compile with Deno $pair_version: $(complaint)"
  local wrong
  wrong=$(fault)
  [[ -z $wrong ]] || die "Cannot use dist/faild as compiled with Deno $pair_version: $wrong"
}

"$root/.build/toolchain.sh" deno
bundle
case $target_arch in
  "$arch") given_name=DENORT_BIN ;;
  aarch64) given_name=DENORT_BIN_AARCH64 ;;
  x86_64) given_name=DENORT_BIN_X86_64 ;;
  *) die "Cannot build for $target_arch: must be x86_64 or aarch64" ;;
esac
if [[ -n ${!given_name:-} ]]; then
  build_with_given "$given_name" "${!given_name}"
elif ! build_current; then
  [[ $target_arch == "$arch" && $arch == x86_64 ]] ||
    die "Cannot build for $target_arch: $given_name must name a denort of Deno $deno_version, since its download failed ($why)"
  say "Compiling with Deno $pair_version instead of $deno_version, whose runtime cannot be had: $why"
  build_pair
fi
mv -f "$place/faild" "$output"
