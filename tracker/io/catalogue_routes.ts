/**
 * The catalogue over HTTP: list, fetch, publish.
 *
 * @module
 */
import { parseInfoHash } from "../../protocol/bytes20.ts";
import { classifyIp } from "../../protocol/compact.ts";
import { BencodeError, MetainfoError, TrackerError } from "../../protocol/errors.ts";
import { type CatalogueEntry, CatalogueError, MAX_TORRENT } from "../logic/catalogue.ts";
import { busy, type HttpReply, jsonReply, refusal } from "../logic/http_reply.ts";
import { UploadsFullError } from "../logic/upload_turns.ts";
import { isStoreAway } from "../logic/swarm_store.ts";
import type { SwarmNumbers, TrackerService } from "../ports.ts";
import type { HttpRequest, Route } from "./route.ts";

/** Catalogue entries in one page, at most and by default. */
const MAX_PAGE = 500;

export function catalogueRoutes(service: TrackerService): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/api/torrents",
      respond: ({ head }) => list(head.query, service),
    },
    {
      method: "GET",
      path: "/api/torrents/*",
      respond: ({ head }) => torrent(head.path, service),
    },
    {
      method: "POST",
      path: "/api/torrents",
      maxBody: MAX_TORRENT,
      admit: (request) => admit(request, service),
      respond: (request) => publish(request, service),
    },
    {
      method: "POST",
      path: "/api/torrents/*",
      respond: (request) => withdraw(request, service),
    },
  ];
}

async function list(query: string, service: TrackerService): Promise<HttpReply> {
  await service.refreshCatalogue();
  const params = new URLSearchParams(query);
  const offset = Math.max(0, Math.floor(Number(params.get("offset") ?? 0)) || 0);
  const limit = Math.floor(Number(params.get("limit") ?? MAX_PAGE)) || MAX_PAGE;
  const all = service.catalogue.list(params.get("search") ?? "");
  const page = all.slice(offset, offset + Math.min(MAX_PAGE, Math.max(1, limit)));
  const counts = await service.counts(page.map(({ infoHash }) => infoHash));
  return jsonReply(200, {
    torrents: page.map((entry, i) => listed(entry, counts[i]!)),
    total: all.length,
  });
}

function listed(entry: CatalogueEntry, counts: SwarmNumbers): Record<string, unknown> {
  const { seeders, leechers, completed } = counts;
  return {
    "name": entry.name,
    "info_hash": entry.infoHash,
    "size": entry.totalSize,
    "pieces": entry.pieceCount,
    "files": entry.fileCount,
    "published_by": entry.publishedBy ?? null,
    "published_at": entry.publishedAt,
    seeders,
    leechers,
    completed,
  };
}

async function torrent(path: string, service: TrackerService): Promise<HttpReply> {
  await service.refreshCatalogue();
  const name = /^\/api\/torrents\/([0-9a-fA-F]{40})\.torrent$/.exec(path)?.[1]?.toLowerCase();
  const bytes = name && parseInfoHash(name) && service.catalogue.get(name);
  if (!bytes) return refusal(404, "no such torrent in this catalogue");
  return { status: 200, type: "application/x-bittorrent", body: [bytes] };
}

/** Who may publish: this network's peers, and whoever has the token. */
function admit({ head, address }: HttpRequest, service: TrackerService): HttpReply | undefined {
  if (isNear(address) || service.isPublishToken(head.header("x-publish-token") ?? null)) {
    return head.bodyLength === 0 ? refusal(411, "send a .torrent as the body") : undefined;
  }
  return refusal(403, "only peers of this network, or with the publish token, may publish");
}

async function publish(request: HttpRequest, service: TrackerService): Promise<HttpReply> {
  const { head, body, address } = request;
  try {
    const publishedBy = decodeName(head.header("x-peer-name"));
    const { entry, created } = await service.publish(body, publishedBy, proofIn(head), address);
    return jsonReply(created ? 201 : 200, {
      "info_hash": entry.infoHash,
      "name": entry.name,
      created,
    });
  } catch (error) {
    if (error instanceof BencodeError || error instanceof MetainfoError) {
      return refusal(400, `not a usable .torrent: ${error.message}`);
    }
    if (error instanceof UploadsFullError) return busy();
    if (error instanceof CatalogueError) return refusal(507, error.message);
    if (error instanceof TrackerError) {
      return refusal(isStoreAway(error) ? 503 : 403, error.message);
    }
    throw error;
  }
}

/** Whoever published a torrent takes it out again. */
async function withdraw({ head }: HttpRequest, service: TrackerService): Promise<HttpReply> {
  const name = /^\/api\/torrents\/([0-9a-fA-F]{40})\/withdraw$/.exec(head.path)?.[1];
  const proof = proofIn(head);
  if (name === undefined) return refusal(404, "no such place: /api/torrents/<info hash>/withdraw");
  if (proof === undefined) return refusal(403, "only who published it takes it out: X-Publisher");
  try {
    switch (await service.withdraw(name.toLowerCase(), proof)) {
      case "withdrawn":
        return jsonReply(200, { "info_hash": name.toLowerCase(), withdrawn: true });
      case "unknown":
        return refusal(404, "no such torrent in this catalogue");
      case "refused":
        return refusal(403, "somebody else published it");
    }
  } catch (error) {
    if (error instanceof TrackerError) return refusal(503, error.message);
    throw error;
  }
}

function proofIn(head: HttpRequest["head"]): string | undefined {
  return /^[0-9a-f]{64}$/.exec(head.header("x-publisher") ?? "")?.[0];
}

function decodeName(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  try {
    return decodeURIComponent(header).slice(0, 64);
  } catch {
    return undefined; // a header that is not percent-encoded names nobody
  }
}

/** Whether an address is of the own host or network. */
export function isNear(address: Uint8Array): boolean {
  return ["loopback", "private", "link-local"].includes(classifyIp(address));
}
