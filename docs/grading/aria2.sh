#!/bin/sh
# aria2 with the commands that `vtorrent grade peer` starts a program with: see aria2.jsonc.
# Nothing but a torrent's tracker tells it of peers.
set -e
aria2() {
  aria2c --no-conf --interface=127.0.0.1 --disable-ipv6 --enable-dht=false --bt-enable-lpd=false \
    --enable-peer-exchange=false --file-allocation=none --check-integrity --summary-interval=0 \
    --show-console-readout=false "$@"
}
word=$1
shift
case $word in
  info) aria2 --show-files "$1" ;;
  # It downloads whole torrents, into its own folder.
  download | download_piece | magnet_download | magnet_download_piece)
    aria2 --dir=. --seed-time=0 "$3"
    ;;
  magnet_info)
    aria2 --dir=. --bt-metadata-only --bt-save-metadata "$1" >&2
    aria2 --show-files ./*.torrent
    # It does not show the hashes of pieces: the rubric finds them here.
    od -An -v -tx1 ./*.torrent | tr -d ' \n'
    ;;
  # seed -p PORT -d FOLDER TORRENT
  seed) aria2 --dir="$4" --listen-port="$2" --seed-ratio=0 "$5" ;;
esac
