# What the build fetches, by version and SHA-256 of the very file that is used. docs/BUILD.md says how to raise a pin.
# Read by the other scripts here; not run by itself.
# shellcheck shell=bash disable=SC2034

# The current Deno: checks, formats, lints, tests, bundles, and compiles where its runtime can be had.
deno_version_x86_64=2.9.6
deno_sha256_x86_64=bceb5b6a6239b0b010418406d8c77a508f67cf4337d94288f1c19fe71304aab0
deno_version_aarch64=2.9.5
deno_sha256_aarch64=e1a70c5eb03b0ebaf761077029ef86b9ba22d50e2b54ca45ce5437457f701b63

# The bundler behind `deno bundle`, of the version that the current Deno asks for.
esbuild_version=0.25.5
esbuild_sha256_x86_64=3331e0b23c99d93d9a39e436a4838de40ca1c95ac3bcbd9874ba169d8545b634
esbuild_sha256_aarch64=d6d656d9326ce1c55c01f73604a3cffda35c63cce60016e9ed795ac91cd1e67d

# The pair that compiles where the current Deno's runtime cannot be downloaded: a Deno, and the runtime (denort) of that
# same version, which is the head of a program that was compiled with it. There is none for aarch64.
pair_version=2.4.2
pair_deno_sha256_x86_64=1d6580e813252f6b27a41d97d2e3725a408baa2e765a86e45f65b228d3e93ad6
pair_denort_package=@vltpkg/cli-linux-x64@0.0.0-18
pair_denort_member=package/vlt
pair_denort_bytes=85186368
pair_denort_sha256=2705685d7478610b98dcd43acecd457a19810146323041c8af8a88f7dd0b5e82

# Where the current Deno downloads its runtime from; asked first, so that a host that never answers costs seconds.
denort_site=https://dl.deno.land/release
