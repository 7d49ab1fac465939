/**
 * The BitTorrent protocol as pure functions between bytes and values; shared by tracker and peer.
 *
 * @module
 */
export * from "./add_piece_layers.ts";
export * from "./allowed_fast.ts";
export * from "./announce.ts";
export * from "./bencode.ts";
export * from "./bitfield.ts";
export * from "./bounds.ts";
export * from "./bytes20.ts";
export * from "./canonical_priority.ts";
export * from "./client_name.ts";
export * from "./address.ts";
export * from "./compact_peers.ts";
export * from "./concat_bytes.ts";
export * from "./crc32c.ts";
export * from "./cut_text.ts";
export * from "./tracker_discovery.ts";
export * from "./edit_metainfo.ts";
export * from "./errors.ts";
export * from "./extension_ids.ts";
export * from "./extension_message.ts";
export * from "./fault.ts";
export * from "./file_name.ts";
export * from "./file_tree.ts";
export * from "./handshake.ts";
export * from "./chunked_body.ts";
export * from "./http_head.ts";
export * from "./http_reply.ts";
export * from "./info_hash.ts";
export * from "./padded_layout.ts";
export * from "./json_steps.ts";
export * from "./krpc.ts";
export * from "./piece_layout.ts";
export * from "./link.ts";
export * from "./lsd.ts";
export * from "./magnet.ts";
export * from "./merkle.ts";
export * from "./message.ts";
export * from "./message_reader.ts";
export * from "./message_writer.ts";
export * from "./metainfo.ts";
export * from "./mse.ts";
export * from "./piece_layers.ts";
export * from "./piece_shape.ts";
export * from "./query.ts";
export * from "./rc4.ts";
export * from "./scrape.ts";
export * from "./steps.ts";
export * from "./torrent_of_info.ts";
export * from "./tracker_url.ts";
export * from "./udp_tracker_packet.ts";
export * from "./utp_packet.ts";
export * from "./version.ts";
export * from "./web_seed.ts";
