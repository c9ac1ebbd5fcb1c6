//! The tree against published vectors and against another implementation.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use evidence::merkle::{
    Hash, Nodes, TreeHash, empty_root, leaf_hash, node_hash, prove_consistency, prove_inclusion, root,
    verify_consistency, verify_inclusion,
};
use evidence::tiles::{TILE_WIDTH, TileGap, TileNodes, extend, right_edge};
use proptest::prelude::*;
use sha2::Sha256;
use sm3::{Digest, Sm3};
use std::collections::BTreeMap;

type Tiles = BTreeMap<(u32, u64), Vec<u8>>;
type Entry = Vec<u8>;

fn grow<D: TreeHash>(tiles: &mut Tiles, size: &mut u64, leaves: &[Hash]) {
    let edge = right_edge(*size).into_iter().flatten().map(|place| (place, tiles[&place].clone())).collect();
    for tile in extend::<D>(*size, &edge, leaves) {
        assert!(tile.width() <= TILE_WIDTH);
        tiles.insert((tile.level, tile.index), tile.bytes);
    }
    *size += leaves.len() as u64;
}

fn nodes<D: TreeHash + 'static>(tiles: &Tiles) -> impl Nodes<Error = TileGap> + '_ {
    TileNodes::<D, _>::new(move |place| Ok::<_, TileGap>(tiles.get(&place).cloned().unwrap_or_default()))
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn hash(text: &str) -> Hash {
    hex(text).try_into().unwrap()
}

/// The leaves and roots that the Certificate Transparency projects publish for RFC 6962.
const INPUTS: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

#[test]
fn roots_are_those_published_for_rfc_6962() {
    assert_eq!(empty_root::<Sha256>(), hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    let (mut tiles, mut size) = (Tiles::new(), 0);
    for (input, expected) in INPUTS.iter().zip(ROOTS) {
        grow::<Sha256>(&mut tiles, &mut size, &[leaf_hash::<Sha256>(&hex(input))]);
        assert_eq!(root::<Sha256, _>(&mut nodes::<Sha256>(&tiles), size).unwrap(), hash(expected), "{size} leaves");
    }
}

#[test]
fn a_published_inclusion_path_is_made_and_accepted() {
    let leaves: Vec<Hash> = INPUTS.iter().map(|input| leaf_hash::<Sha256>(&hex(input))).collect();
    let (mut tiles, mut size) = (Tiles::new(), 0);
    grow::<Sha256>(&mut tiles, &mut size, &leaves);
    // Leaf 0 of 8, as published beside the roots.
    let published = [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    .map(hash);
    assert_eq!(prove_inclusion::<Sha256, _>(&mut nodes::<Sha256>(&tiles), 0, 8).unwrap(), published);
    assert!(verify_inclusion::<Sha256>(&leaves[0], 0, 8, &published, &hash(ROOTS[7])));
}

#[test]
fn sm3_gives_the_examples_of_gb_t_32905() {
    let short: Hash = Sm3::digest(b"abc").into();
    assert_eq!(short, hash("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"));
    let long: Hash = Sm3::digest(b"abcd".repeat(16)).into();
    assert_eq!(long, hash("debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"));
}

#[test]
fn a_node_is_hashed_apart_from_a_leaf() {
    let (left, right) = ([1; 32], [2; 32]);
    assert_ne!(node_hash::<Sm3>(&left, &right), leaf_hash::<Sm3>(&[left, right].concat()));
}

#[test]
fn a_missing_tile_is_named_and_never_guessed() {
    let mut tiles = Tiles::new();
    tiles.insert((0, 0), vec![0; 32 * 3]);
    let gap = root::<Sm3, _>(&mut nodes::<Sm3>(&tiles), 4).unwrap_err();
    assert_eq!(gap, TileGap { level: 0, index: 0, found: 3, wanted: 4 });
    let gap = root::<Sm3, _>(&mut nodes::<Sm3>(&tiles), 256).unwrap_err();
    assert_eq!(gap, TileGap { level: 1, index: 0, found: 0, wanted: 1 });
}

/// A tree built in `steps`, and the same tree of the other implementation.
fn both<D: TreeHash>(steps: &[u16]) -> (Tiles, u64, Vec<Entry>, MemoryBackedTree<D, Entry>) {
    let (mut tiles, mut size, mut entries) = (Tiles::new(), 0, Vec::new());
    let mut other = MemoryBackedTree::new();
    for step in steps {
        let fresh: Vec<Vec<u8>> = (0..*step).map(|n| format!("{size}-{n}").into_bytes()).collect();
        let leaves: Vec<Hash> = fresh.iter().map(|entry| leaf_hash::<D>(entry)).collect();
        grow::<D>(&mut tiles, &mut size, &leaves);
        for entry in fresh {
            other.push(entry.clone());
            entries.push(entry);
        }
    }
    (tiles, size, entries, other)
}

/// Proofs agree byte for byte with the other implementation, and ours verify.
fn agree<D: TreeHash + 'static>(steps: &[u16], at: prop::sample::Index, before: prop::sample::Index) {
    let (tiles, size, entries, other) = both::<D>(steps);
    let mut nodes = nodes::<D>(&tiles);
    let head = root::<D, _>(&mut nodes, size).unwrap();
    assert_eq!(head[..], other.root().as_bytes()[..]);

    let index = at.index(entries.len());
    let path = prove_inclusion::<D, _>(&mut nodes, index as u64, size).unwrap();
    assert_eq!(path.concat(), other.prove_inclusion(index).as_bytes());
    let leaf = leaf_hash::<D>(&entries[index]);
    assert!(verify_inclusion::<D>(&leaf, index as u64, size, &path, &head));

    let old = before.index(entries.len()) as u64 + 1;
    let old_root = root::<D, _>(&mut nodes, old).unwrap();
    let steps = prove_consistency::<D, _>(&mut nodes, old, size).unwrap();
    if old < size {
        assert_eq!(steps.concat(), other.prove_consistency((size - old) as usize).as_bytes());
    }
    assert!(verify_consistency::<D>(old, &old_root, size, &head, &steps));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn proofs_agree_with_another_implementation(
        steps in prop::collection::vec(1..600_u16, 1..8), at: prop::sample::Index, before: prop::sample::Index
    ) {
        agree::<Sm3>(&steps, at, before);
        agree::<Sha256>(&steps, at, before);
    }

    #[test]
    fn any_change_of_a_proof_is_refused(
        steps in prop::collection::vec(1..300_u16, 1..4),
        at: prop::sample::Index, before: prop::sample::Index, spot: prop::sample::Index, bit in 0..8_u32,
    ) {
        let (tiles, size, entries, _) = both::<Sm3>(&steps);
        let mut nodes = nodes::<Sm3>(&tiles);
        let head = root::<Sm3, _>(&mut nodes, size).unwrap();
        let index = at.index(entries.len()) as u64;
        let leaf = leaf_hash::<Sm3>(&entries[index as usize]);
        let path = prove_inclusion::<Sm3, _>(&mut nodes, index, size).unwrap();
        let holds = |leaf: &Hash, index, path: &[Hash], head: &Hash| verify_inclusion::<Sm3>(leaf, index, size, path, head);
        let flip = |hash: &Hash| { let mut hash = *hash; hash[spot.index(32)] ^= 1 << bit; hash };
        prop_assert!(!holds(&flip(&leaf), index, &path, &head));
        prop_assert!(!holds(&leaf, index, &path, &flip(&head)));
        prop_assert!(!holds(&leaf, size, &path, &head));
        prop_assert!(!holds(&leaf, (index + 1) % size, &path, &head) || size == 1);
        prop_assert!(!holds(&leaf, index, &[path.clone(), vec![[0; 32]]].concat(), &head));
        if !path.is_empty() {
            let mut changed = path.clone();
            let step = spot.index(path.len());
            changed[step] = flip(&path[step]);
            prop_assert!(!holds(&leaf, index, &changed, &head));
            prop_assert!(!holds(&leaf, index, &path[1..], &head));
        }
        let old = before.index(entries.len()) as u64 + 1;
        let old_root = root::<Sm3, _>(&mut nodes, old).unwrap();
        let proof = prove_consistency::<Sm3, _>(&mut nodes, old, size).unwrap();
        prop_assert!(!verify_consistency::<Sm3>(old, &flip(&old_root), size, &head, &proof));
        prop_assert!(!verify_consistency::<Sm3>(old, &old_root, size, &flip(&head), &proof));
        if !proof.is_empty() {
            let mut changed = proof.clone();
            let step = spot.index(proof.len());
            changed[step] = flip(&proof[step]);
            prop_assert!(!verify_consistency::<Sm3>(old, &old_root, size, &head, &changed));
            prop_assert!(!verify_consistency::<Sm3>(old, &old_root, size, &head, &proof[..proof.len() - 1]));
        }
    }
}

#[test]
fn a_large_tree_is_read_through_few_tiles() {
    let (mut tiles, mut size) = (Tiles::new(), 0);
    let leaves: Vec<Hash> = (0..200_000_u32).map(|n| leaf_hash::<Sm3>(&n.to_be_bytes())).collect();
    for part in leaves.chunks(4096) {
        grow::<Sm3>(&mut tiles, &mut size, part);
    }
    let head = root::<Sm3, _>(&mut nodes::<Sm3>(&tiles), size).unwrap();
    for index in [0, 1, 255, 256, 65_535, 65_536, 123_456, 199_999] {
        let mut read = 0;
        let path = {
            let mut nodes = TileNodes::<Sm3, _>::new(|place| {
                read += 1;
                Ok::<_, TileGap>(tiles.get(&place).cloned().unwrap_or_default())
            });
            prove_inclusion::<Sm3, _>(&mut nodes, index, size).unwrap()
        };
        assert!(read <= 6, "leaf {index}: {read} tiles");
        assert!(verify_inclusion::<Sm3>(&leaves[index as usize], index, size, &path, &head));
    }
}
