#!/bin/sh
# vtorrent in one file: this script, the program and the Deno runtime that runs it, both gzipped.
# Made by `deno task build` where `deno compile` cannot download its base. The first start unpacks
# into the user's cache, each part under its content hash; every start hands over with exec, so that
# signals, stdin and the exit status are the program's own. It may be deleted at any time:
#   rm -r "${XDG_CACHE_HOME:-$HOME/.cache}/vtorrent"
set -u

case $0 in
  /*) exe=$0 ;;
  */*) exe=$PWD/${0#./} ;;
  *) exe=$PWD/$0 && [ -f "$exe" ] || exe=$(command -v "$0") ;;
esac

# whole PART SIZE: is it there with every byte? A rename that survived a power failure may have lost
# its data.
whole() {
  case $1 in
    */deno) [ -f "$1" ] && [ "$(($(wc -c <"$1")))" -eq "$2" ] ;;
    *) [ -d "$1" ] && [ "$(($(cat "$1"/*.js | wc -c)))" -eq "$2" ] ;;
  esac
}

# unpack PART SIZE FROM_END PACKED_SIZE: writes beside PART and renames, so that two first starts at
# once both end with a whole one. gzip checks length and checksum.
unpack() {
  mkdir -p "${1%/*}" || return 1
  for old in "$1".*.part; do # of an unpacking that was killed
    old_pid=${old%.part}
    [ ! -e "$old" ] || kill -0 "${old_pid##*.}" 2>/dev/null || rm -rf "$old"
  done
  part=$1.$$.part
  trap 'rm -rf "$part"' EXIT
  trap 'exit 130' HUP INT TERM
  case $1 in
    */deno)
      tail -c "$3" "$exe" | head -c "$4" | gzip -dc >"$part" && chmod 755 "$part" || return 1
      "$part" --version >/dev/null || return 1 # noexec, another system
      ;;
    *)
      mkdir "$part" || return 1
      tail -c "$3" "$exe" | head -c "$4" | gzip -dc | tar -x -C "$part" -f - || return 1
      # One by one, so that a folder somebody starts from is whole at every moment.
      mkdir -p "$1" && mv -f "$part"/*.js "$1" && rm -rf "$part" && whole "$1" "$2"
      return
      ;;
  esac
  mv -f "$part" "$1" || whole "$1" "$2"
}

# ready FOLDER: are both parts there? Unpacks what is not.
ready() {
  runtime=$1/@RUNTIME_HASH@/deno
  program=$1/@PROGRAM_HASH@/program
  whole "$runtime" @RUNTIME_SIZE@ ||
    problem=$(unpack "$runtime" @RUNTIME_SIZE@ @RUNTIME_PACKED@ @RUNTIME_PACKED@ 2>&1) || return 1
  whole "$program" @PROGRAM_SIZE@ 2>/dev/null ||
    problem=$(unpack "$program" @PROGRAM_SIZE@ @BOTH_PACKED@ @PROGRAM_PACKED@ 2>&1) || return 1
}

# ours FOLDER: others may write to the folder above it, so it must belong to us and be closed to them.
ours() {
  mkdir -m 700 "$1" 2>/dev/null
  set -- $(ls -ldn "$1" 2>/dev/null)
  case ${1:-} in drwx------*) [ "$3" -eq "$(id -u)" ] ;; *) return 1 ;; esac
}

problem=
case ${XDG_CACHE_HOME:-} in
  /*) cache=$XDG_CACHE_HOME/vtorrent ;;
  *) cache=${HOME:+$HOME/.cache/vtorrent} ;;
esac
if [ -z "$cache" ] || ! ready "$cache"; then
  cache=${TMPDIR:-/tmp}/vtorrent-$(id -u)
  if ! ours "$cache" || ! ready "$cache"; then
    echo "vtorrent: Cannot unpack into $cache: ${problem:-it cannot be made, or is not ours}." \
      "Set XDG_CACHE_HOME to a folder with @NEEDED@ MiB free where programs may run" >&2
    exit 1
  fi
fi

# Deno's own cache (V8 code of the program) beside the rest; nothing is looked up on the network.
export DENO_DIR="$cache/deno" DENO_NO_UPDATE_CHECK=1 DENO_NO_PACKAGE_JSON=1 VTORRENT_EXE="$exe"

# `demo` starts this file again, `open` shows a page in the browser by one of these; nothing else may
# be started. A path with a comma cannot be said to Deno here: from such a folder `demo` does not work.
run=
for starts in "$exe" "$(command -v xdg-open)" "$(command -v open)" "$(command -v wslview)"; do
  case $starts in *,*) ;; /*) run=$run,$starts ;; esac
done
case $run in '') run=--deny-run ;; *) run=--allow-run=${run#,} ;; esac
exec "$runtime" run @FLAGS@ "$run" "$program/vtorrent.js" "$@"
