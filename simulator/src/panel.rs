// SPDX-License-Identifier: Apache-2.0
//! Who checks what: the verifier's pallet's rules, as plain functions.

/// Whether a place of a panel checks the sample at a position of the draw: the places take turns.
pub fn is_assigned(place: u32, position: u32, per_sample: u32, panel: u32) -> bool {
    if per_sample >= panel {
        return true;
    }
    let first = u64::from(position) * u64::from(per_sample) % u64::from(panel);
    let distance = (u64::from(place) + u64::from(panel) - first) % u64::from(panel);
    distance < u64::from(per_sample)
}

/// What most of those who looked say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It was there.
    There,
    /// It was not.
    Missing,
    /// No majority for either.
    Nothing,
}

/// What most have found: more than half of the places, or of those who have spoken if they are more.
pub fn found(places: u32, had: u32, missed: u32) -> Found {
    let all = (had + missed).max(places);
    if 2 * missed > all {
        Found::Missing
    } else if 2 * had > all {
        Found::There
    } else {
        Found::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_has_its_verifiers_and_the_work_is_shared_evenly() {
        for panel in 1..=16 {
            for per_sample in 1..=4 {
                let count = |place| {
                    (0..48)
                        .filter(|position| is_assigned(place, *position, per_sample, panel))
                        .count()
                };
                for position in 0..48 {
                    let eyes = (0..panel)
                        .filter(|place| is_assigned(*place, position, per_sample, panel))
                        .count() as u32;
                    assert_eq!(eyes, per_sample.min(panel));
                }
                let shares: Vec<_> = (0..panel).map(count).collect();
                let most = shares.iter().max().expect("a place");
                let least = shares.iter().min().expect("a place");
                assert!(most - least <= per_sample as usize);
            }
        }
    }

    #[test]
    fn found_is_what_more_than_half_say() {
        assert_eq!(found(2, 2, 0), Found::There);
        assert_eq!(found(2, 1, 1), Found::Nothing);
        assert_eq!(found(2, 0, 2), Found::Missing);
        assert_eq!(found(3, 1, 2), Found::Missing);
        assert_eq!(found(2, 2, 1), Found::There);
        assert_eq!(found(3, 1, 0), Found::Nothing);
    }
}
