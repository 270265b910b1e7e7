#!/usr/bin/env bash
# Sees to the Debian packages that the test hosts need: installs what is missing as root, else names it and ends with 1.
. "$(dirname "$0")/env.sh"

missing=()
command -v ip >/dev/null || missing+=(iproute2)
command -v nft >/dev/null || missing+=(nftables)
[[ ${#missing[@]} -gt 0 ]] || exit 0

if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
  say "Installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  { apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 || {
    tail -n 5 "$log" >&2
    die "Cannot install ${missing[*]}: apt-get must succeed"
  }
else
  die "Cannot go on: ${missing[*]} must be installed (on Debian as root: apt-get update && apt-get install ${missing[*]})"
fi
