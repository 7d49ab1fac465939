#!/bin/sh
# Transmission with the commands that `vtorrent grade peer` starts a program with: see
# transmission.jsonc. Nothing but a torrent's tracker tells it of peers.
set -e
# transmission FOLDER TORRENT [option...]; where $random is true, at any port
transmission() {
  folder=$1
  torrent=$2
  shift 2
  # The grader has a folder for each probe, and removes it.
  settings=$(mktemp -d)
  cat >"$settings/settings.json" <<END
{
  "bind-address-ipv4": "127.0.0.1",
  "bind-address-ipv6": "::1",
  "dht-enabled": false,
  "lpd-enabled": false,
  "pex-enabled": false,
  "utp-enabled": false,
  "encryption": 0,
  "preallocation": 0,
  "cache-size-mb": 0,
  "rename-partial-files": false,
  "peer-port-random-on-start": $random,
  "peer-port-random-low": 30001,
  "peer-port-random-high": 32700
}
END
  # What it prints comes at once, and not when it ends.
  exec stdbuf -o0 transmission-cli --config-dir "$settings" --no-portmap --encryption-tolerated \
    --no-downlimit --no-uplimit --download-dir "$folder" "$@" "$torrent"
}
word=$1
shift
case $word in
  info) transmission-show "$1" ;;
  # It downloads whole torrents, into its own folder.
  download | download_piece | magnet_download | magnet_download_piece)
    random=true
    transmission "$PWD" "$3"
    ;;
  # seed -p PORT -d FOLDER TORRENT
  seed)
    random=false
    transmission "$4" "$5" --port "$2"
    ;;
esac
