#!/bin/sh
# Says which Node is needed where there is none or an older one, before anything else does. `require_node.sh tests` is for what
# runs vitest: its bundler needs 20.19, or 22.12 of Node 22. All else needs --disable-warning and import.meta.filename: 20.11, or
# 21.3 of Node 21.

of20=11 of21=3 of21_text=21.3 of22=0 needed="Node >= 20.11 is needed"
if [ "${1-}" = tests ]; then of20=19 of21=999 of21_text=none of22=12 needed="Node >= 20.19 is needed for make check and make test"; fi

refuse() {
  echo "$needed, $1" >&2
  exit 1
}

version=$(node --version 2>/dev/null) || refuse "none that runs is on PATH"
major=${version#v}
minor=${major#*.}
major=${major%%.*}
minor=${minor%%.*}
case "$major$minor" in
  "" | *[!0-9]*) refuse "this says \"$version\"" ;;
esac
case "$major" in
  20) least=$of20 ;;
  21) least=$of21 needed="$needed (of Node 21: $of21_text)" ;;
  22) least=$of22 needed="$needed (of Node 22: 22.$of22)" ;;
  *) least=0 ;;
esac
[ "$major" -ge 20 ] && [ "$minor" -ge "$least" ] || refuse "this is $version"
