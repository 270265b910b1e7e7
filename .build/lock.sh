#!/usr/bin/env bash
# Writes deno.lock anew from the imports in deno.json and fetches what it then names.
. "$(dirname "$0")/env.sh"
cd "$root"
[[ -x $deno ]] || die "Cannot renew deno.lock: Deno must be there first (make build)"
"$deno" install --quiet --frozen=false
.build/toolchain.sh deno
