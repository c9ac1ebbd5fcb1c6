//! 瓦片: how the tree is kept, in the shape of C2SP tlog-tiles.
//!
//! A tile of level L and index N holds up to 256 nodes of height 8·L, from node 256·N on:
//! level 0 holds leaf hashes, level 1 the roots of full level-0 tiles, and so on. Nodes
//! between are computed. A tile only grows; a partial tile of a smaller width is its
//! beginning, so one row a tile is enough for every tree size that ever was.

use crate::merkle::{Hash, Nodes, TreeHash, node_hash};
use std::collections::BTreeMap;
use std::marker::PhantomData;

/// Nodes in a full tile: 2^8.
pub const TILE_WIDTH: u64 = 256;
const HEIGHT: u32 = 8;
const BYTES: usize = 32;

/// A tile's place: (level, index).
pub type Place = (u32, u64);

/// 瓦片: up to 256 hashes of one level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Level, from 0 (leaves).
    pub level: u32,
    /// Index in the level, from 0.
    pub index: u64,
    /// The hashes, 32 bytes each, one after the other.
    pub bytes: Vec<u8>,
}

impl Tile {
    /// How many hashes it holds, 1 to 256.
    #[must_use]
    pub fn width(&self) -> u64 {
        (self.bytes.len() / BYTES) as u64
    }
}

/// The partial tile at the right edge of each level of a tree of `size` leaves, lowest
/// level first; `None` where the level ends with a full tile (or is empty).
#[must_use]
pub fn right_edge(size: u64) -> Vec<Option<Place>> {
    let mut edge = Vec::new();
    let mut nodes = size;
    let mut level = 0;
    while nodes > 0 {
        edge.push((!nodes.is_multiple_of(TILE_WIDTH)).then_some((level, nodes / TILE_WIDTH)));
        nodes /= TILE_WIDTH;
        level += 1;
    }
    edge
}

/// The tiles that change when `leaves` (leaf hashes) are added to a tree of `size`
/// leaves whose right edge is `edge`: the grown tiles first, then new ones, per level.
///
/// # Panics
/// If `edge` is not the right edge of a tree of `size` leaves.
#[must_use]
pub fn extend<D: TreeHash>(size: u64, edge: &BTreeMap<Place, Vec<u8>>, leaves: &[Hash]) -> Vec<Tile> {
    let mut changed = Vec::new();
    let mut incoming: Vec<Hash> = leaves.to_vec();
    let mut nodes = size;
    let mut level = 0;
    while !incoming.is_empty() {
        let mut roots = Vec::new();
        let mut tile = match edge.get(&(level, nodes / TILE_WIDTH)) {
            Some(bytes) => Tile { level, index: nodes / TILE_WIDTH, bytes: bytes.clone() },
            None => Tile { level, index: nodes / TILE_WIDTH, bytes: Vec::new() },
        };
        assert!(tile.width() == nodes % TILE_WIDTH, "level {level} of a tree of {size} has another right edge");
        for hash in &incoming {
            tile.bytes.extend_from_slice(hash);
            if tile.width() == TILE_WIDTH {
                let next = Tile { level, index: tile.index + 1, bytes: Vec::new() };
                roots.push(fold::<D>(&tile.bytes));
                changed.push(std::mem::replace(&mut tile, next));
            }
        }
        if tile.width() > 0 {
            changed.push(tile);
        }
        nodes /= TILE_WIDTH;
        incoming = roots;
        level += 1;
    }
    changed
}

/// The root over a power of two of hashes.
fn fold<D: TreeHash>(bytes: &[u8]) -> Hash {
    let mut row: Vec<Hash> =
        bytes.chunks_exact(BYTES).map(|chunk| chunk.try_into().expect("a chunk of 32 bytes")).collect();
    while row.len() > 1 {
        row = row.chunks_exact(2).map(|pair| node_hash::<D>(&pair[0], &pair[1])).collect();
    }
    row[0]
}

/// A tile is missing or too narrow for the tree that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("tile (level {level}, index {index}) holds {found} hashes, {wanted} are needed")]
pub struct TileGap {
    /// Level.
    pub level: u32,
    /// Index.
    pub index: u64,
    /// Hashes found; 0 when the tile is missing.
    pub found: u64,
    /// Hashes needed.
    pub wanted: u64,
}

/// Nodes read from tiles, each tile once.
pub struct TileNodes<D, R> {
    read: R,
    held: BTreeMap<Place, Vec<u8>>,
    hash: PhantomData<D>,
}

impl<D, R> TileNodes<D, R> {
    /// Nodes of tiles that `read` fetches: a missing tile is an empty one.
    pub fn new(read: R) -> TileNodes<D, R> {
        TileNodes { read, held: BTreeMap::new(), hash: PhantomData }
    }
}

impl<D, R, E> Nodes for TileNodes<D, R>
where
    D: TreeHash,
    R: FnMut(Place) -> Result<Vec<u8>, E>,
    E: From<TileGap>,
{
    type Error = E;

    fn node(&mut self, height: u32, index: u64) -> Result<Hash, E> {
        let level = height / HEIGHT;
        let inside = height % HEIGHT;
        let first = index << inside;
        let place = (level, first / TILE_WIDTH);
        if !self.held.contains_key(&place) {
            let bytes = (self.read)(place)?;
            self.held.insert(place, bytes);
        }
        let from = (first % TILE_WIDTH) as usize * BYTES;
        let to = from + (BYTES << inside);
        let bytes = &self.held[&place];
        let part = bytes.get(from..to).ok_or(TileGap {
            level,
            index: place.1,
            found: (bytes.len() / BYTES) as u64,
            wanted: (to / BYTES) as u64,
        })?;
        Ok(fold::<D>(part))
    }
}
