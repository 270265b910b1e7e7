# The ground that every script here stands on: where things are, what Deno is told, how messages look.
# Read by the other scripts; not run by itself.
# shellcheck shell=bash disable=SC2034,SC1091

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
tools=$root/.toolchain
work=$root/dist/.work
. "$root/.build/pins.sh"

# Ordinary users do not have these in PATH, though `ip` and `nft` are there and can be run.
export PATH=$PATH:/usr/sbin:/sbin

# Deno keeps its cache in the tree, asks nobody for news, and trusts the authorities that this machine trusts.
export DENO_DIR=$tools/cache
export DENO_NO_UPDATE_CHECK=1
export DENO_TLS_CA_STORE=${DENO_TLS_CA_STORE:-system,mozilla}

# Colours are for terminals.
[[ -t 1 && -t 2 ]] || export NO_COLOR=1

# A backtrace of Deno itself names no function, and hides the message above it.
unset RUST_BACKTRACE RUST_LIB_BACKTRACE

# Prints a line for the person who runs the build.
say() { printf '%s\n' "$*" >&2; }

# Prints a line and ends with exit status 1.
die() {
  say "$*"
  exit 1
}

# The value of a pin for one architecture: pin deno_version aarch64
pin() {
  local name=$1_$2
  printf '%s' "${!name:-}"
}

case $(uname -s)-$(uname -m) in
  Linux-x86_64) arch=x86_64 npm_arch=x64 ;;
  Linux-aarch64) arch=aarch64 npm_arch=arm64 ;;
  *) die "Cannot build: must be Linux on x86_64 or aarch64, is $(uname -s) on $(uname -m)" ;;
esac

deno_version=$(pin deno_version "$arch")
deno_sha256=$(pin deno_sha256 "$arch")
esbuild_sha256=$(pin esbuild_sha256 "$arch")

# A folder carries the hash of what is in it, so a raised pin is fetched anew and a file that is there was checked.
deno=$tools/deno-$deno_version-${deno_sha256:0:12}/deno
esbuild=$tools/esbuild-$esbuild_version-${esbuild_sha256:0:12}/esbuild
pair_deno=$tools/deno-$pair_version-${pair_deno_sha256_x86_64:0:12}/deno
pair_denort=$tools/denort-$pair_version-${pair_denort_sha256:0:12}/denort
