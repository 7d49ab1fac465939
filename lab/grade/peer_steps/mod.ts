/**
 * The steps of a peer, P1 to P10.
 *
 * @module
 */
import type { Step } from "../step.ts";
import { P1 } from "./p1_bencode.ts";
import { P2 } from "./p2_info.ts";
import { P3 } from "./p3_announce.ts";
import { P4 } from "./p4_handshake.ts";
import { P5 } from "./p5_piece.ts";
import { P6 } from "./p6_file.ts";
import { P7 } from "./p7_giving.ts";
import { P8 } from "./p8_choice.ts";
import { P9 } from "./p9_magnet.ts";
import { P10 } from "./p10_swarm.ts";

export const PEER_STEPS: readonly Step[] = [P1, P2, P3, P4, P5, P6, P7, P8, P9, P10];
