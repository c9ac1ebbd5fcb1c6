//! Leiden (Traag, Waltman, van Eck 2019) for the constant Potts model: communities whose inner
//! edges weigh at least `resolution` a pair. Three phases, repeated: nodes move to where they
//! gain; each community is refined from single nodes, so that it cannot fall apart; what was
//! refined becomes a node of a smaller graph. All choices come from the seed.

use crate::numbers::mix;
use std::collections::{BTreeMap, VecDeque};

/// A weighted graph without direction; loops of merged nodes do not matter to the gains.
struct Graph {
    edges: Vec<Vec<(usize, f64)>>,
    sizes: Vec<f64>,
}

/// How freely the refinement chooses among what gains.
const FREEDOM: f64 = 0.01;
const ROUNDS: usize = 20;

struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = mix(self.0);
        usize::try_from(self.0 % u64::try_from(bound.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    #[allow(clippy::cast_precision_loss)]
    fn fraction(&mut self) -> f64 {
        self.0 = mix(self.0);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn shuffled(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for at in (1..count).rev() {
            order.swap(at, self.below(at + 1));
        }
        order
    }
}

/// The community of each node, numbered by their first node. `edges` are (node, node, weight).
pub(crate) fn communities(nodes: usize, edges: &[(usize, usize, f64)], resolution: f64, seed: u64) -> Vec<usize> {
    let mut graph = Graph { edges: vec![Vec::new(); nodes], sizes: vec![1.0; nodes] };
    for (one, other, weight) in edges.iter().filter(|(one, other, _)| one != other) {
        graph.edges[*one].push((*other, *weight));
        graph.edges[*other].push((*one, *weight));
    }
    let mut chance = Chance(mix(seed));
    // Where each first node now is in the shrinking graph, and the partition of that graph.
    let mut place: Vec<usize> = (0..nodes).collect();
    let mut partition: Vec<usize> = (0..nodes).collect();
    for _ in 0..ROUNDS {
        let moved = move_nodes(&graph, &mut partition, resolution, &mut chance);
        let refined = renumber(&refine(&graph, &partition, resolution, &mut chance));
        let count = refined.iter().max().map_or(0, |most| most + 1);
        if !moved || count == graph.sizes.len() {
            break;
        }
        let mut above = vec![0; count];
        for (node, group) in refined.iter().enumerate() {
            above[*group] = partition[node];
        }
        graph = graph.merged(&refined, count);
        partition = renumber(&above);
        for node in &mut place {
            *node = refined[*node];
        }
    }
    let found: Vec<usize> = place.iter().map(|node| partition[*node]).collect();
    renumber(&found)
}

impl Graph {
    fn merged(&self, groups: &[usize], count: usize) -> Graph {
        let mut sizes = vec![0.0; count];
        let mut sums: Vec<BTreeMap<usize, f64>> = vec![BTreeMap::new(); count];
        for (node, edges) in self.edges.iter().enumerate() {
            sizes[groups[node]] += self.sizes[node];
            for (other, weight) in edges.iter().filter(|(other, _)| groups[*other] != groups[node]) {
                *sums[groups[node]].entry(groups[*other]).or_default() += weight;
            }
        }
        Graph { edges: sums.into_iter().map(|sum| sum.into_iter().collect()).collect(), sizes }
    }

    /// Weight from a node to each community next to it.
    fn ties(&self, node: usize, of: &[usize]) -> BTreeMap<usize, f64> {
        let mut ties = BTreeMap::new();
        for (other, weight) in &self.edges[node] {
            *ties.entry(of[*other]).or_default() += *weight;
        }
        ties
    }
}

/// Moves nodes until none gains by moving; whether any did.
fn move_nodes(graph: &Graph, of: &mut [usize], resolution: f64, chance: &mut Chance) -> bool {
    let count = graph.sizes.len();
    let mut sizes = vec![0.0; count];
    for (node, community) in of.iter().enumerate() {
        sizes[*community] += graph.sizes[node];
    }
    let mut queue: VecDeque<usize> = chance.shuffled(count).into();
    let mut waiting = vec![true; count];
    let mut moved = false;
    while let Some(node) = queue.pop_front() {
        waiting[node] = false;
        let (here, size) = (of[node], graph.sizes[node]);
        sizes[here] -= size;
        let ties = graph.ties(node, of);
        let gain =
            |community: usize| ties.get(&community).copied().unwrap_or(0.0) - resolution * size * sizes[community];
        let (mut best, mut most) = (here, gain(here));
        for community in ties.keys() {
            if gain(*community) > most + 1e-12 {
                (best, most) = (*community, gain(*community));
            }
        }
        // Alone again, if every company costs.
        if most < -1e-12
            && let Some(empty) = sizes.iter().position(|size| *size == 0.0)
        {
            best = empty;
        }
        sizes[best] += size;
        if best != here {
            of[node] = best;
            moved = true;
            for (other, _) in &graph.edges[node] {
                if of[*other] != best && !waiting[*other] {
                    waiting[*other] = true;
                    queue.push_back(*other);
                }
            }
        }
    }
    moved
}

/// Splits each community into parts that hold together on their own.
fn refine(graph: &Graph, of: &[usize], resolution: f64, chance: &mut Chance) -> Vec<usize> {
    let count = graph.sizes.len();
    let mut refined: Vec<usize> = (0..count).collect();
    let mut whole = vec![0.0; count];
    for (node, community) in of.iter().enumerate() {
        whole[*community] += graph.sizes[node];
    }
    let inside = |node: usize| -> f64 {
        graph.edges[node].iter().filter(|(other, _)| of[*other] == of[node]).map(|(_, weight)| weight).sum()
    };
    let mut sizes = graph.sizes.clone();
    // Weight from each part to the rest of its community.
    let mut outer: Vec<f64> = (0..count).map(inside).collect();
    let mut alone = vec![true; count];
    for node in chance.shuffled(count) {
        let (size, all) = (graph.sizes[node], whole[of[node]]);
        if !alone[node] || outer[node] + 1e-12 < resolution * size * (all - size) {
            continue;
        }
        let mut ties: BTreeMap<usize, f64> = BTreeMap::new();
        for (other, weight) in graph.edges[node].iter().filter(|(other, _)| of[*other] == of[node]) {
            *ties.entry(refined[*other]).or_default() += *weight;
        }
        ties.remove(&refined[node]);
        let held = |part: usize| outer[part] + 1e-12 >= resolution * sizes[part] * (all - sizes[part]);
        let gains: Vec<(usize, f64)> = ties
            .iter()
            .map(|(part, weight)| (*part, weight - resolution * size * sizes[*part]))
            .filter(|(part, gain)| *gain >= 0.0 && held(*part))
            .collect();
        let Some(part) = choose(&gains, chance) else { continue };
        let tie = ties[&part];
        outer[part] = outer[part] + outer[node] - 2.0 * tie;
        sizes[part] += size;
        refined[node] = part;
        alone[node] = false;
        alone[part] = false;
    }
    refined
}

/// One of what gains, the better the likelier.
fn choose(gains: &[(usize, f64)], chance: &mut Chance) -> Option<usize> {
    let most = gains.iter().map(|(_, gain)| *gain).fold(f64::NEG_INFINITY, f64::max);
    let weight = |gain: f64| ((gain - most) / FREEDOM).exp();
    let all: f64 = gains.iter().map(|(_, gain)| weight(*gain)).sum();
    let mut left = chance.fraction() * all;
    for (part, gain) in gains {
        left -= weight(*gain);
        if left <= 0.0 {
            return Some(*part);
        }
    }
    gains.last().map(|(part, _)| *part)
}

/// Numbers from 0 in the order of first appearance.
fn renumber(of: &[usize]) -> Vec<usize> {
    let mut numbers = BTreeMap::new();
    of.iter()
        .map(|community| {
            let next = numbers.len();
            *numbers.entry(*community).or_insert(next)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn clique(from: usize, size: usize) -> Vec<(usize, usize, f64)> {
        (from..from + size).flat_map(|i| (i + 1..from + size).map(move |j| (i, j, 1.0))).collect()
    }

    #[test]
    fn a_ring_of_cliques_falls_into_its_cliques() {
        let mut edges = Vec::new();
        for k in 0..10 {
            edges.extend(clique(k * 5, 5));
            edges.push((k * 5 + 4, (k * 5 + 5) % 50, 1.0));
        }
        for seed in 0..20 {
            let found = communities(50, &edges, 0.5, seed);
            let wanted: Vec<usize> = (0..50).map(|node| node / 5).collect();
            assert_eq!(found, wanted, "seed {seed}");
        }
    }

    #[test]
    fn zacharys_karate_club_splits_around_the_instructor_and_the_president() {
        let rows: [&[usize]; 33] = [
            &[1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 17, 19, 21, 31],
            &[2, 3, 7, 13, 17, 19, 21, 30],
            &[3, 7, 8, 9, 13, 27, 28, 32],
            &[7, 12, 13],
            &[6, 10],
            &[6, 10, 16],
            &[16],
            &[],
            &[30, 32, 33],
            &[33],
            &[],
            &[],
            &[],
            &[33],
            &[32, 33],
            &[32, 33],
            &[],
            &[],
            &[32, 33],
            &[33],
            &[32, 33],
            &[],
            &[32, 33],
            &[25, 27, 29, 32, 33],
            &[25, 27, 31],
            &[31],
            &[29, 33],
            &[33],
            &[31, 33],
            &[32, 33],
            &[32, 33],
            &[32, 33],
            &[33],
        ];
        let edges: Vec<_> =
            rows.iter().enumerate().flat_map(|(i, row)| row.iter().map(move |j| (i, *j, 1.0))).collect();
        assert_eq!(edges.len(), 78);
        let found = communities(34, &edges, 0.08, 1);
        // The club's two ends never meet, and each keeps its closest.
        assert_ne!(found[0], found[33]);
        assert!([1, 3, 7, 13].iter().all(|node| found[*node] == found[0]), "{found:?}");
        assert!([32, 30, 18, 20, 22].iter().all(|node| found[*node] == found[33]), "{found:?}");
    }

    #[test]
    fn without_edges_everybody_is_alone() {
        assert_eq!(communities(3, &[], 0.5, 1), vec![0, 1, 2]);
        assert!(communities(0, &[], 0.5, 1).is_empty());
    }

    /// Whether each community hangs together by its own edges.
    fn connected(nodes: usize, edges: &[(usize, usize, f64)], of: &[usize]) -> bool {
        let mut label: Vec<usize> = (0..nodes).collect();
        for _ in 0..nodes {
            for (i, j, _) in edges.iter().filter(|(i, j, _)| of[*i] == of[*j]) {
                let least = label[*i].min(label[*j]);
                (label[*i], label[*j]) = (least, least);
            }
        }
        (0..nodes).all(|i| (0..nodes).all(|j| of[i] != of[j] || label[i] == label[j]))
    }

    fn quality(nodes: usize, edges: &[(usize, usize, f64)], of: &[usize], resolution: f64) -> f64 {
        let inner: f64 = edges.iter().filter(|(i, j, _)| i != j && of[*i] == of[*j]).map(|(_, _, weight)| weight).sum();
        let pairs = (0..nodes).flat_map(|i| (i + 1..nodes).map(move |j| (i, j))).filter(|(i, j)| of[*i] == of[*j]);
        inner - resolution * crate::numbers::whole(pairs.count())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn communities_hang_together_and_beat_everybody_alone(
            pairs in proptest::collection::vec((0_usize..14, 0_usize..14, 1_u8..5), 0..50), seed in 0_u64..9
        ) {
            let edges: Vec<_> = pairs.iter().filter(|(i, j, _)| i != j).map(|(i, j, w)| (*i, *j, f64::from(*w))).collect();
            let found = communities(14, &edges, 0.7, seed);
            prop_assert!(connected(14, &edges, &found));
            prop_assert!(quality(14, &edges, &found, 0.7) >= -1e-9);
            prop_assert_eq!(found, communities(14, &edges, 0.7, seed));
        }
    }
}
