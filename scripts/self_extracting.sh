#!/bin/sh
# vtorrent in one file: this script, the program and the Deno runtime that runs it, both gzipped.
# Made by `deno task build` where `deno compile` cannot download its base. The first start unpacks
# into the user's cache, each part under its content hash; every start hands over with exec, so that
# signals, stdin and the exit status are the program's own. Nothing is run that others could have
# written: see `sound` and `checked`. The cache may be deleted at any time:
#   rm -r "${XDG_CACHE_HOME:-$HOME/.cache}/vtorrent"
# VTORRENT_CACHE names another folder, such as one on a local disk where homes are on a server. What
# root unpacks there serves everybody.
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
  umask "$mask" # in a subshell, so the program keeps its own
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

# closed MODE: may nobody but its owner write there, by what ls says?
closed() {
  case $1 in ?????w* | ????????w*) return 1 ;; esac
}

# sound FOLDER: is all that is to run there, with every byte, ours or root's, and closed to others? The
# folder above may be open to others only as /tmp is. One `ls`, since every start asks. Sets `inodes`.
sound() {
  folder=$1
  [ -d "$1" ] && [ ! -L "$1" ] || return 1
  listed=$(cd "$1" && LC_ALL=C ls -dlni . .. "$runtime" "$runtime/deno" "$program" \
    "$program/program" "$program/program"/*.js 2>/dev/null) || return 1
  size=0 me= inodes=0
  # Taken apart without `read`, which asks the system for one byte at a time. `ls` sorts: a folder comes
  # before what is in it, so no name in a folder that is open to others is ever looked at.
  set -f && set -- $listed && set +f
  while [ $# -ge 10 ]; do # inode mode links uid gid bytes month day time name
    case $2-${10} in
      d*-.) me=$4 && { [ -O "$folder" ] || [ "$me" = 0 ]; } || return 1 ;;
      d????????[tT]*-..) shift 10 && continue ;;
      d*-..) closed "$2" || return 1 && shift 10 && continue ;;
      d*) ;;
      -*/deno) [ "$6" -eq @RUNTIME_SIZE@ ] || return 1 && inodes=$(((inodes * 31 + $1) % 1000000007)) ;;
      -*.js) size=$((size + $6)) inodes=$(((inodes * 31 + $1) % 1000000007)) ;;
      *) return 1 ;;
    esac
    [ "$4" = "$me" ] && closed "$2" || return 1
    shift 10
  done
  [ "$size" -eq @PROGRAM_SIZE@ ]
}

# checked FOLDER: was what lies there compared with this file since the system started, and is it the
# same files still? A disk may have lost what it wrote, and a name may stand for another file.
checked() {
  read -r known <"$1/$program/checked" && [ "$known" = "$boot-$inodes" ]
} 2>/dev/null

# same FOLDER: has the runtime the bytes that are in this file?
same() {
  tail -c @RUNTIME_PACKED@ "$exe" | gzip -dc | cmp -s - "$1/$runtime/deno"
} 2>/dev/null

# ready FOLDER: is all there that is to run? Unpacks what is not.
ready() {
  if sound "$1"; then
    [ -O "$1" ] || return 0 # root's, who checks it when he runs it
    checked "$1" && return
    same "$1"
  else
    false
  fi ||
    problem=$(unpack "$1/$runtime/deno" @RUNTIME_SIZE@ @RUNTIME_PACKED@ @RUNTIME_PACKED@ 2>&1) ||
    return 1
  problem=$(unpack "$1/$program/program" @PROGRAM_SIZE@ @BOTH_PACKED@ @PROGRAM_PACKED@ 2>&1) ||
    return 1
  problem="it is not ours alone"
  sound "$1" || return 1
  echo "$boot-$inodes" >"$1/$program/checked.$$" && mv -f "$1/$program/checked.$$" "$1/$program/checked"
}

# ours FOLDER: others may write to the folder above it, so it must belong to us and be closed to them.
ours() {
  mkdir -m 700 "$1" 2>/dev/null
  set -- $(ls -ldn "$1" 2>/dev/null)
  case ${1:-} in drwx------*) [ "$3" -eq "$(id -u)" ] ;; *) return 1 ;; esac
}

runtime=@RUNTIME_HASH@
program=@PROGRAM_HASH@
boot=0
[ ! -r /proc/sys/kernel/random/boot_id ] || read -r boot </proc/sys/kernel/random/boot_id
problem=
mask=077 # all that is unpacked is ours alone
case ${VTORRENT_CACHE:-}:${XDG_CACHE_HOME:-} in
  /*) cache=$VTORRENT_CACHE && { [ "$(id -u)" -ne 0 ] || mask=022; } ;;
  [!:]*)
    echo "vtorrent: VTORRENT_CACHE is \"$VTORRENT_CACHE\": give the whole path, from / on" >&2
    exit 28
    ;;
  :/*) cache=$XDG_CACHE_HOME/vtorrent ;;
  *) cache=${HOME:+$HOME/.cache/vtorrent} ;;
esac
if [ -z "$cache" ] || ! ready "$cache"; then
  cache=${TMPDIR:-/tmp}/vtorrent-$(id -u)
  if ! ours "$cache" || ! ready "$cache"; then
    echo "vtorrent: Cannot unpack into $cache: ${problem:-it cannot be made, or is not ours}." \
      "Set VTORRENT_CACHE to a folder with @NEEDED@ MiB free where programs may run" >&2
    exit 1
  fi
fi

# Deno's own cache (V8 code of the program) beside the rest; nothing is looked up on the network.
[ -z "${DENO_DIR:-}" ] || export VTORRENT_DENO_DIR="$DENO_DIR"
export DENO_DIR="$cache/deno" DENO_NO_UPDATE_CHECK=1 DENO_NO_PACKAGE_JSON=1 VTORRENT_EXE="$exe"

# `demo` starts this file again, `open` shows a page in the browser by one of these; nothing else may
# be started. A path with a comma cannot be said to Deno here: from such a folder `demo` does not work.
run=
case $exe in *,*) ;; *) run=,$exe ;; esac
set -f && IFS=:
for folder in $PATH; do # `command -v` would take a process each
  for opener in xdg-open open wslview; do
    case $folder in *,*) ;; /*) [ ! -x "$folder/$opener" ] || run=$run,$folder/$opener ;; esac
  done
done
set +f && unset IFS
case $run in '') run=--deny-run ;; *) run=--allow-run=${run#,} ;; esac
# `grade` and `lab` start whatever they are given, and as a first word alone.
case ${1:-} in grade | lab) run=--allow-run ;; esac
# `tracker` calls the C library for its UDP port, and gives the right to do so up (main.ts).
ffi=--deny-ffi
case ${1:-} in tracker) ffi=--allow-ffi ;; esac
exec "$cache/$runtime/deno" run @FLAGS@ "$run" "$ffi" "$cache/$program/program/vtorrent.js" "$@"
