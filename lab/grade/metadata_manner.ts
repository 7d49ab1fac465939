/**
 * A scripted peer that gives a torrent's metadata (BEP 9) to who asks by the extension protocol.
 *
 * @module
 */
import {
  encodeExtensionHandshake,
  encodeMetadataMessage,
  METADATA_PIECE_LENGTH,
  parseExtensionHandshake,
  parseMetadataMessage,
} from "../../protocol/mod.ts";
import type { PeerConnection } from "./peer_connection.ts";
import type { Manner, ScriptedPeer } from "./scripted_peer.ts";

/** What it does otherwise. */
export interface MetadataWish {
  /** The ID under which it wants `ut_metadata` messages. Default: 3. */
  readonly id?: number;
  /** The bytes that it gives in place of the info dictionary. */
  readonly metadata?: Uint8Array;
  /** Says that it has nothing to give. */
  readonly rejects?: boolean;
  /** Called with the number of each part that is asked for. */
  readonly onRequest?: (piece: number) => void;
}

/** The manner of such a peer; it gives pieces like any other. */
export function metadataManner(
  peer: () => ScriptedPeer,
  { id = 3, metadata, rejects = false, onRequest }: MetadataWish = {},
): Manner {
  const bytes = () => metadata ?? peer().torrent.infoBytes;
  return {
    handshake: { extended: true },
    greet: (connection) => {
      peer().sayBitfield(connection);
      if (!connection.handshake?.extended) return;
      const hello = encodeExtensionHandshake({
        messages: { "ut_metadata": id },
        metadataSize: bytes().length,
      });
      connection.say("the extended handshake", (writer) => writer.extended(0, hello));
    },
    message: (connection, { said, ...heard }) => {
      if (said.type !== "extended") return;
      if (said.id === 0) return;
      if (said.id !== id) {
        peer().faults.push({
          expected: `an extended message with ID ${id}, which this peer gave to ut_metadata`,
          seen: `an extended message with ID ${said.id}`,
          why:
            "BEP 10: a message is sent under the ID that the *other* side names in its handshake",
          filter: "bittorrent.msg.type == 20",
          ...connection.placeOf({ said, ...heard }, [5, 6]),
        });
        return;
      }
      let asked: ReturnType<typeof parseMetadataMessage>;
      try {
        asked = parseMetadataMessage(said.payload);
      } catch (error) {
        peer().faults.push({
          expected: "a ut_metadata message: d8:msg_typei0e5:piecei0ee asks for the first part",
          seen: (error as Error).message,
          why: "BEP 9: the message is a dictionary with msg_type and piece",
          filter: "bittorrent.msg.type == 20",
          ...connection.placeOf({ said, ...heard }),
        });
        return;
      }
      if (asked?.type === "request") answer(connection, asked.piece);
    },
  };

  function answer(connection: PeerConnection, piece: number): void {
    onRequest?.(piece);
    const theirs = theirId(connection);
    const start = piece * METADATA_PIECE_LENGTH;
    if (rejects || start >= bytes().length) {
      const reject = encodeMetadataMessage({ type: "reject", piece });
      connection.say("ut_metadata: reject", (writer) => writer.extended(theirs, reject));
      return;
    }
    const data = encodeMetadataMessage({
      type: "data",
      piece,
      totalSize: bytes().length,
      data: bytes().subarray(start, start + METADATA_PIECE_LENGTH),
    });
    connection.say(
      `ut_metadata: data, part ${piece}`,
      (writer) => writer.extended(theirs, data),
    );
  }
}

/** The ID that the student's program wants `ut_metadata` messages under. */
function theirId(connection: PeerConnection): number {
  for (const { said } of connection.heard) {
    if (said.type !== "extended" || said.id !== 0) continue;
    try {
      return parseExtensionHandshake(said.payload).messages["ut_metadata"] ?? 1;
    } catch {
      // Judged where the handshake is looked at.
    }
  }
  return 1;
}
