import { same, sm3 } from './bytes';

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** `SM3(0x00 ‖ content)`. */
export const leafHash = (content: Uint8Array): Uint8Array => sm3(LEAF, content);

/** `SM3(0x01 ‖ left ‖ right)`. */
const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => sm3(NODE, left, right);

/** Whether `path` leads from the leaf at `index` to `root` over `size` leaves: RFC 9162, 2.1.3.2. */
export function includes(leaf: Uint8Array, index: bigint, size: bigint, path: Uint8Array[], root: Uint8Array): boolean {
  if (index >= size) return false;
  let at = index;
  let last = size - 1n;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0n) return false;
    if (at & 1n || at === last) {
      hash = nodeHash(sibling, hash);
      while (!(at & 1n) && at !== 0n) {
        at >>= 1n;
        last >>= 1n;
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    at >>= 1n;
    last >>= 1n;
  }
  return last === 0n && same(hash, root);
}
