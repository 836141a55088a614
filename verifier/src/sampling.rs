// SPDX-License-Identifier: Apache-2.0
//! How many tiles to look at, which, and who looks.
//!
//! All of it is arithmetic on what the chain knows, so anybody can replay a draw.

use alloc::{collections::BTreeSet, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A whole, in the parts that shares are counted in.
pub const MILLION: u32 = 1_000_000;

/// Fewer samples than this are never drawn, unless there are fewer tiles.
pub const MIN_SAMPLES: u32 = 7;

/// So many factors of the exact formula are multiplied at most; past that the closed one is used.
const MAX_FACTORS: u32 = 20_000;

/// How sure a requester wants to be: with this confidence, less than a share `wrong` of the job's tiles is wrong. Tiles
/// are those of all its passes; where they cost different fuel, it is rather a share of the fuel, by which [`shares`]
/// hands out samples.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Assurance {
    /// Parts per million, more than 0 and less than a million.
    pub confidence: u32,
    /// Parts per million of the tiles of all passes, more than 0 and less than a million.
    pub wrong: u32,
}

impl Assurance {
    /// 99% sure that fewer than 10% of the tiles are wrong: 44 samples.
    pub const DEFAULT: Self = Self {
        confidence: 990_000,
        wrong: 100_000,
    };

    /// Whether both numbers are within their limits.
    pub fn is_valid(&self) -> bool {
        (1..MILLION).contains(&self.confidence) && (1..MILLION).contains(&self.wrong)
    }

    /// The tiles that are wrong if the tolerated share is: rounded up, at least one.
    fn wrong_tiles(&self, tiles: u32) -> u32 {
        let share = u64::from(tiles).saturating_mul(u64::from(self.wrong));
        u32::try_from(share.div_ceil(u64::from(MILLION)))
            .unwrap_or(tiles)
            .clamp(1, tiles.max(1))
    }
}

/// One, as a probability in fixed point. All rounding is upwards on the chance to miss, so that an
/// assurance is never promised that is not kept.
const ONE: u128 = 1 << 63;

/// The chance that another draw misses too: of the `left` tiles, `wrong` are wrong.
fn also_missed(missed: u128, left: u32, wrong: u32) -> u128 {
    let right = u128::from(left.saturating_sub(wrong));
    missed
        .saturating_mul(right)
        .div_ceil(u128::from(left.max(1)))
}

/// The chance that all of `samples` draws miss if each tile is put back, which is more than if it is not:
/// the closed formula `(1 - wrong / tiles) ^ samples`.
fn missed_at_most(tiles: u32, wrong: u32, samples: u32) -> u128 {
    let times = |a: u128, b: u128| a.saturating_mul(b).div_ceil(ONE);
    let mut missed = ONE;
    let mut factor = also_missed(ONE, tiles, wrong);
    for bit in 0..u32::BITS {
        if samples.checked_shr(bit).is_some_and(|rest| rest & 1 == 1) {
            missed = times(missed, factor);
        }
        factor = times(factor, factor);
    }
    missed
}

/// How many of so many tiles an assurance samples: the least number that keeps it, by the exact
/// hypergeometric formula (past 20,000 samples by the closed one, which asks for more), at least
/// [`MIN_SAMPLES`] and at most all. An invalid assurance samples all.
pub fn samples(assurance: Assurance, tiles: u32) -> u32 {
    if !assurance.is_valid() {
        return tiles;
    }
    let wrong = assurance.wrong_tiles(tiles);
    let tolerated = u128::from(MILLION.saturating_sub(assurance.confidence))
        .saturating_mul(ONE)
        .checked_div(u128::from(MILLION))
        .unwrap_or_default();
    let mut missed = ONE;
    for drawn in 0..tiles.min(MAX_FACTORS) {
        if missed <= tolerated {
            return drawn.max(MIN_SAMPLES).min(tiles);
        }
        missed = also_missed(missed, tiles.saturating_sub(drawn), wrong);
    }
    let (mut few, mut enough) = (MAX_FACTORS.min(tiles), tiles);
    while few < enough {
        let middle = few.midpoint(enough);
        if missed_at_most(tiles, wrong, middle) <= tolerated {
            enough = middle;
        } else {
            few = middle.saturating_add(1);
        }
    }
    enough
}

/// The chance, in parts per million rounded down, that some of `samples` tiles is wrong if `wrong` of all `tiles` are.
pub fn detection(tiles: u32, wrong: u32, samples: u32) -> u32 {
    // Which tiles are wrong and which are drawn can change places: the shorter product has the same value.
    let (fewer, more) = (wrong.min(samples).min(tiles), wrong.max(samples).min(tiles));
    let missed = if fewer > MAX_FACTORS {
        missed_at_most(tiles, more, fewer)
    } else {
        (0..fewer).fold(ONE, |missed, drawn| {
            also_missed(missed, tiles.saturating_sub(drawn), more)
        })
    };
    let found = ONE
        .saturating_sub(missed)
        .saturating_mul(u128::from(MILLION))
        .div_euclid(ONE);
    u32::try_from(found).unwrap_or(MILLION)
}

/// The chance, in parts per million, that the sample of an assurance hits if its tolerated share is wrong.
pub fn kept(assurance: Assurance, tiles: u32) -> u32 {
    detection(
        tiles,
        assurance.wrong_tiles(tiles),
        samples(assurance, tiles),
    )
}

/// Numbers that follow from a seed.
struct Numbers(blake3::OutputReader);

impl Numbers {
    fn new(context: &str, seed: &[u8; 32]) -> Self {
        Self(
            blake3::Hasher::new_derive_key(context)
                .update(seed)
                .finalize_xof(),
        )
    }

    /// A number below `bound`, each as likely as any other; 0 for 0.
    fn below(&mut self, bound: u128) -> u128 {
        let remainder = |number: u128| number.checked_rem(bound).unwrap_or_default();
        let whole = u128::MAX.saturating_sub(remainder(u128::MAX));
        let mut number = u128::MAX;
        // What lies past the last whole multiple of the bound would favour small numbers and is drawn again:
        // less often than every other time, so that the last try is reached with a chance below 2^-127.
        for _ in 0..128 {
            let mut bytes = [0; 16];
            self.0.fill(&mut bytes);
            number = u128::from_le_bytes(bytes);
            if number < whole {
                break;
            }
        }
        remainder(number)
    }
}

/// What is known of a pass when its samples are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass {
    /// Its tiles.
    pub tiles: u32,
    /// The most fuel that one of them can burn.
    pub tile_fuel: u64,
}

/// How many of a job's samples each of its passes gets: by its share of the fuel, rounded up, at least one,
/// so that no pass can hide behind cheap ones.
pub fn shares(samples: u32, passes: &[Pass]) -> Vec<u32> {
    let weight = |pass: &Pass| u128::from(pass.tiles).saturating_mul(pass.tile_fuel.into());
    let total = passes
        .iter()
        .fold(0u128, |total, pass| total.saturating_add(weight(pass)))
        .max(1);
    passes
        .iter()
        .map(|pass| {
            let share = weight(pass).saturating_mul(samples.into()).div_ceil(total);
            u32::try_from(share)
                .unwrap_or(u32::MAX)
                .clamp(1, pass.tiles.max(1))
        })
        .collect()
}

/// Draws the samples of every pass, numbered through ([`crate::passes`]), ascending. `passes` has the tiles
/// of each and how many of them are sampled.
pub fn draw_passes(seed: &[u8; 32], passes: impl IntoIterator<Item = (u32, u32)>) -> Vec<u32> {
    let mut drawn = Vec::new();
    let mut first = 0u32;
    for ((tiles, samples), pass) in passes.into_iter().zip(0u32..) {
        let seed = match pass {
            0 => *seed,
            _ => *blake3::Hasher::new_derive_key("assay draw of a pass v1")
                .update(seed)
                .update(&pass.to_le_bytes())
                .finalize()
                .as_bytes(),
        };
        let tiles_of_pass = draw(&seed, tiles, samples);
        drawn.extend(
            tiles_of_pass
                .into_iter()
                .map(|tile| first.saturating_add(tile)),
        );
        first = first.saturating_add(tiles);
    }
    drawn
}

/// Draws so many different tiles, ascending; each set is as likely as any other. All, if fewer are there.
///
/// Floyd's algorithm: one random number for each sample. Source: Bentley and Floyd, "Programming pearls:
/// a sample of brilliance", Communications of the ACM 30(9), 1987.
pub fn draw(seed: &[u8; 32], tiles: u32, samples: u32) -> Vec<u32> {
    let mut numbers = Numbers::new("assay draw of tiles v1", seed);
    let mut drawn = BTreeSet::new();
    for last in tiles.saturating_sub(samples)..tiles {
        let tile = numbers.below(u128::from(last).saturating_add(1));
        let tile = u32::try_from(tile).unwrap_or(last);
        if !drawn.insert(tile) {
            drawn.insert(last);
        }
    }
    drawn.into_iter().collect()
}

/// What the numbers that draw verifiers are derived for.
const VERIFIERS: &str = "assay draw of verifiers v1";

/// Draws up to `count` different positions of `stakes`, each next one with a chance in proportion to its
/// stake among those left, in the order drawn. Who has no stake is never drawn.
pub fn draw_weighted(seed: &[u8; 32], stakes: &[u128], count: u32) -> Vec<usize> {
    let mut numbers = Numbers::new(VERIFIERS, seed);
    let mut left: Vec<(usize, u128)> = stakes
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, stake)| *stake > 0)
        .collect();
    let mut drawn = Vec::new();
    for _ in 0..count {
        let total = left
            .iter()
            .fold(0u128, |total, (_, stake)| total.saturating_add(*stake));
        let mut point = numbers.below(total);
        let hit = left.iter().position(|(_, stake)| {
            let inside = point < *stake;
            point = point.saturating_sub(*stake);
            inside
        });
        let Some(hit) = hit else { break };
        drawn.push(left.remove(hit).0);
    }
    drawn
}

/// Where a stake lies if all stakes are laid end to end, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The sum of all stakes before it.
    pub start: u128,
    /// The stake.
    pub length: u128,
}

/// Draws as [`draw_weighted`] does, from stakes that are kept as sums: what it costs does not grow with their
/// number.
///
/// `total` is the sum of all stakes; those whose stretches are `left_out` are not drawn, as if they were not
/// there. `find` says on whose stretch a point below the total lies.
pub fn draw_by_sums<Key>(
    seed: &[u8; 32],
    total: u128,
    mut left_out: Vec<Stretch>,
    count: u32,
    find: impl Fn(u128) -> Option<(Key, Stretch)>,
) -> Vec<Key> {
    let mut numbers = Numbers::new(VERIFIERS, seed);
    left_out.retain(|stretch| stretch.length > 0);
    left_out.sort_unstable_by_key(|stretch| stretch.start);
    left_out.dedup_by_key(|stretch| stretch.start);
    let mut drawn = Vec::new();
    for _ in 0..count {
        let left = left_out
            .iter()
            .fold(total, |left, out| left.saturating_sub(out.length));
        // The point is one among those left; each stretch left out before it pushes it on.
        let mut point = numbers.below(left);
        for out in &left_out {
            if point < out.start {
                break;
            }
            point = point.saturating_add(out.length);
        }
        let Some((key, stretch)) = find(point).filter(|_| left > 0) else {
            break;
        };
        let place = left_out.partition_point(|out| out.start < stretch.start);
        left_out.insert(place, stretch);
        drawn.push(key);
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{
        prelude::{Just, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest},
        sample::Index,
    };

    /// Many tiles, where drawing without replacement is as good as with.
    const MANY: u32 = u32::MAX;

    #[test]
    fn samples_are_those_of_the_closed_formula_when_there_are_many_tiles() {
        let shares = [500_000, 200_000, 100_000, 50_000, 10_000, 1_000];
        let table = [
            (900_000, [7, 11, 22, 45, 230, 2_302]),
            (950_000, [7, 14, 29, 59, 299, 2_995]),
            (990_000, [7, 21, 44, 90, 459, 4_603]),
            (999_000, [10, 31, 66, 135, 688, 6_905]),
        ];
        for (confidence, row) in table {
            for (wrong, expected) in shares.into_iter().zip(row) {
                let assurance = Assurance { confidence, wrong };
                assert_eq!(samples(assurance, MANY), expected, "{assurance:?}");
            }
        }
    }

    #[test]
    fn samples_are_all_tiles_when_there_are_few_or_the_assurance_is_invalid() {
        assert_eq!(samples(Assurance::DEFAULT, 0), 0);
        assert_eq!(samples(Assurance::DEFAULT, 1), 1);
        assert_eq!(samples(Assurance::DEFAULT, 7), 7);
        let invalid = Assurance {
            confidence: MILLION,
            wrong: 1,
        };
        assert_eq!(samples(invalid, 1_000), 1_000);
    }

    #[test]
    fn detection_is_the_hypergeometric_one() {
        // 1 - C(58, 16) / C(64, 16), computed with rationals.
        assert_eq!(detection(64, 6, 16), 836_323);
        assert_eq!(detection(65_536, 1, 44), 671);
        assert_eq!(detection(10, 1, 10), MILLION);
        assert_eq!(detection(10, 0, 10), 0);
    }

    #[test]
    fn detection_is_certain_when_every_tile_is_sampled() {
        assert_eq!(detection(100_000, 1, 100_000), MILLION);
        assert_eq!(detection(MANY, MANY, MANY), MILLION);
    }

    #[test]
    fn samples_follow_the_closed_formula_when_they_are_many() {
        // ceil(ln(0.001) / ln(0.9999)).
        let assurance = Assurance {
            confidence: 999_000,
            wrong: 100,
        };
        assert_eq!(samples(assurance, MANY), 69_075);
    }

    #[test]
    fn below_is_nearly_uniform_when_the_bound_is_large() {
        // Without drawing again, two of three numbers would fall into the lower half.
        let mut numbers = Numbers::new("a test", &[9; 32]);
        let bound = u128::MAX / 4 * 3;
        let low = (0..4_000)
            .filter(|_| numbers.below(bound) < bound / 2)
            .count();
        // Expected 2,000 with a standard deviation of 32.
        assert!((1_840..2_160).contains(&low), "{low}");
    }

    /// The chance to find none of `wrong` tiles, in floating point.
    fn missed(tiles: u32, wrong: u32, samples: u32) -> f64 {
        (0..samples)
            .map(|drawn| {
                f64::from(tiles - drawn - wrong.min(tiles - drawn)) / f64::from(tiles - drawn)
            })
            .product()
    }

    #[test]
    fn passes_share_the_samples_by_fuel() {
        let pass = |tiles, tile_fuel| Pass { tiles, tile_fuel };
        assert_eq!(shares(44, &[pass(1_000, 7)]), [44]);
        assert_eq!(shares(40, &[pass(100, 30), pass(100, 10)]), [30, 10]);
        // No pass goes unseen, and none is asked for more tiles than it has.
        assert_eq!(
            shares(
                44,
                &[pass(1_000_000, 1_000), pass(3, 1), pass(2, 1_000_000_000)]
            ),
            [15, 1, 2]
        );
    }

    #[test]
    fn draw_of_passes_numbers_their_tiles_through() {
        let drawn = draw_passes(&[3; 32], [(100, 5), (10, 10), (50, 3)]);
        assert_eq!(drawn.len(), 18);
        assert!(drawn.is_sorted());
        assert_eq!(drawn[..5], draw(&[3; 32], 100, 5));
        assert_eq!(drawn[5..15], (100..110).collect::<Vec<_>>());
        assert!(drawn[15..].iter().all(|tile| (110..160).contains(tile)));
    }

    #[test]
    fn draw_is_nearly_uniform() {
        let mut hits = [0u32; 20];
        for round in 0u32..4_000 {
            let mut seed = [0; 32];
            seed[..4].copy_from_slice(&round.to_le_bytes());
            for tile in draw(&seed, 20, 5) {
                hits[tile as usize] += 1;
            }
        }
        // Each tile is expected 1,000 times with a standard deviation of 27.
        assert!(
            hits.iter().all(|hits| (850..1_150).contains(hits)),
            "{hits:?}"
        );
    }

    #[test]
    fn draw_weighted_prefers_by_stake() {
        let mut first = [0u32; 3];
        for round in 0u32..4_000 {
            let mut seed = [0; 32];
            seed[..4].copy_from_slice(&round.to_le_bytes());
            first[draw_weighted(&seed, &[1_000, 3_000, 0], 1)[0]] += 1;
        }
        assert!((850..1_150).contains(&first[0]), "{first:?}");
        assert_eq!(first[2], 0);
    }

    #[test]
    fn draw_weighted_is_everybody_with_stake_when_more_are_asked_for() {
        let mut drawn = draw_weighted(&[1; 32], &[5, 0, 7], 9);
        drawn.sort_unstable();
        assert_eq!(drawn, [0, 2]);
        assert!(draw_weighted(&[1; 32], &[], 2).is_empty());
    }

    proptest! {
        #[test]
        fn samples_keep_the_assurance(
            tiles in 1u32..5_000,
            confidence in 1..MILLION,
            wrong in 1..MILLION,
        ) {
            let assurance = Assurance { confidence, wrong };
            let count = samples(assurance, tiles);
            prop_assert!(count >= MIN_SAMPLES.min(tiles) && count <= tiles);
            // One part per million is lost to rounding down.
            prop_assert!(kept(assurance, tiles) + 1 >= confidence);
            let tolerated = 1.0 - f64::from(confidence) / f64::from(MILLION);
            let wrong_tiles = (f64::from(tiles) * f64::from(wrong) / f64::from(MILLION)).ceil() as u32;
            prop_assert!(missed(tiles, wrong_tiles, count) <= tolerated + 1e-12);
            if count > MIN_SAMPLES.min(tiles) {
                prop_assert!(missed(tiles, wrong_tiles, count - 1) > tolerated - 1e-12);
            }
        }

        #[test]
        fn detection_is_the_one_in_floating_point(
            tiles in 1u32..5_000,
            wrong in any::<Index>(),
            drawn in any::<Index>(),
        ) {
            let (wrong, drawn) = (wrong.index(tiles as usize + 1), drawn.index(tiles as usize + 1));
            let (wrong, drawn) = (wrong as u32, drawn as u32);
            let expected = (1.0 - missed(tiles, wrong, drawn)) * f64::from(MILLION);
            prop_assert!((f64::from(detection(tiles, wrong, drawn)) - expected).abs() < 1.001);
        }

        #[test]
        fn draw_is_ascending_and_complete(seed in any::<[u8; 32]>(), tiles in 0u32..3_000, count in 0u32..600) {
            let drawn = draw(&seed, tiles, count);
            prop_assert_eq!(drawn.len() as u32, count.min(tiles));
            prop_assert!(drawn.is_sorted_by(|a, b| a < b));
            prop_assert!(drawn.iter().all(|tile| *tile < tiles));
        }

        #[test]
        fn draw_by_sums_is_the_weighted_draw_of_who_is_not_left_out(
            seed in any::<[u8; 32]>(),
            stakes in prop::collection::vec((prop_oneof![Just(0u128), 1u128..1 << 90], any::<bool>()), 0..40),
            count in 0u32..50,
        ) {
            let stretches: Vec<_> = stakes
                .iter()
                .scan(0, |sum, (length, _)| {
                    let start = *sum;
                    *sum += length;
                    Some(Stretch { start, length: *length })
                })
                .collect();
            let total = stakes.iter().map(|(stake, _)| stake).sum();
            let mut left_out = Vec::new();
            for (stretch, (_, out)) in stretches.iter().zip(&stakes) {
                if *out {
                    // Who is named twice is still left out once.
                    left_out.extend([*stretch; 2]);
                }
            }
            let find = |point: u128| {
                let hit = stretches
                    .iter()
                    .position(|stretch| (stretch.start..stretch.start + stretch.length).contains(&point))?;
                Some((hit, stretches[hit]))
            };
            let drawn = draw_by_sums(&seed, total, left_out, count, find);
            let left: Vec<usize> = (0..stakes.len()).filter(|position| !stakes[*position].1).collect();
            let of_left: Vec<u128> = left.iter().map(|position| stakes[*position].0).collect();
            let expected: Vec<usize> = draw_weighted(&seed, &of_left, count)
                .into_iter()
                .map(|position| left[position])
                .collect();
            prop_assert_eq!(drawn, expected);
        }

        #[test]
        fn draw_weighted_names_nobody_twice(
            seed in any::<[u8; 32]>(),
            stakes in prop::collection::vec(0u128..1 << 90, 0..50),
            count in 0u32..20,
        ) {
            let mut drawn = draw_weighted(&seed, &stakes, count);
            let staked = stakes.iter().filter(|stake| **stake > 0).count();
            prop_assert_eq!(drawn.len(), staked.min(count as usize));
            drawn.sort_unstable();
            drawn.dedup();
            prop_assert_eq!(drawn.len(), staked.min(count as usize));
        }
    }
}
