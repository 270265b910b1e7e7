#!/usr/bin/env bash
# Checks the form and the types of everything, then runs every test, each group with no more rights than it needs, and
# ends with one line: N passed, N failed (and N skipped where there are any).
#   test.sh            all of them
#   test.sh --check    the checks only
#   test.sh GROUP…     these groups only, without the checks: folders of tests/, e.g. core netns
. "$(dirname "$0")/env.sh"
"$(dirname "$0")/toolchain.sh" deno
cd "$root"
mkdir -p "$work"
results=$(mktemp -d "$work/results.XXXXXX")
trap 'rm -rf "$results"' EXIT

# A group that hangs is ended after so many seconds, and counts as failed.
limit() {
  case $1 in
    netns) echo 420 ;;
    *) echo 180 ;;
  esac
}

heading() { printf '\n== %s\n' "$*"; }

# Each check must pass before a test is worth running.
check() {
  heading "$1"
  shift
  "$deno" "$@" && return
  printf '0 passed, 1 failed\n'
  exit 1
}

# The rights of a group: the pure parts can read the tree and a few variables; what starts programs has all.
rights() {
  case $1 in
    policy | core | config | sim | scenarios | fakes)
      printf '%s\n' "--allow-read=$root" --allow-env=FAILD_SEEDS,FAILD_FIRST_SEED,UPDATE --no-prompt --parallel
      ;;
    *) printf '%s\n' --allow-all ;;
  esac
}

# Runs the tests of one folder, and leaves its report and exit status for the count.
run() {
  local group=$1 status=0 place=() options
  [[ $group == netns ]] && place=("$root/.build/lab.sh")
  mapfile -t options < <(rights "$group")
  heading "tests/$group"
  timeout --foreground --kill-after=10 "$(limit "$group")" "${place[@]}" \
    "$deno" test --quiet --frozen --cached-only --no-check "${options[@]}" \
    --junit-path="$results/$group.xml" "tests/$group" || status=$?
  printf '%s' "$status" >"$results/$group.exit"
}

# The folders of tests/ that hold tests, the pure ones first and the slow ones last.
groups() {
  local all
  all=$(find tests -mindepth 2 -name '*_test.ts' | cut -d / -f 2 | sort -u)
  grep -x -E 'policy|core|config|sim|scenarios|fakes' <<<"$all" || true
  grep -v -x -E 'policy|core|config|sim|scenarios|fakes|netns' <<<"$all" || true
  grep -x netns <<<"$all" || true
}

if [[ $# == 0 || $1 == --check ]]; then
  check "form" fmt --check main.ts deno.json lib tests .build
  check "lint" lint --quiet main.ts lib tests .build
  check "types" check --quiet --frozen main.ts lib tests .build
  [[ $# == 0 ]] || exit 0
  mapfile -t chosen < <(groups)
else
  chosen=("$@")
fi
for group in "${chosen[@]}"; do run "$group"; done
printf '\n'
"$deno" run --quiet --no-config --no-lock --allow-read="$results" .build/count_tests.ts "$results"
