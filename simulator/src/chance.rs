// SPDX-License-Identifier: Apache-2.0
//! Chances that follow from a seed, so that a run can be repeated on any machine.

/// A stream of random numbers.
#[derive(Clone)]
pub struct Chance(blake3::OutputReader);

impl std::fmt::Debug for Chance {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Chance")
    }
}

impl Chance {
    /// The stream of a job in a run.
    pub fn of(run: u64, job: u64) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("assay simulator v1");
        hasher.update(&run.to_le_bytes()).update(&job.to_le_bytes());
        Self(hasher.finalize_xof())
    }

    /// A seed, as the chain draws from one.
    pub fn seed(&mut self) -> [u8; 32] {
        let mut seed = [0; 32];
        self.0.fill(&mut seed);
        seed
    }

    /// Whether something happens that has this probability.
    pub fn happens(&mut self, probability: f64) -> bool {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) < probability * f64::from(u32::MAX) + probability
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_certain_happens_and_what_is_impossible_does_not() {
        let mut chance = Chance::of(1, 2);
        for _ in 0..1_000 {
            assert!(chance.happens(1.0));
            assert!(!chance.happens(0.0));
        }
    }

    #[test]
    fn a_half_happens_half_of_the_time() {
        let mut chance = Chance::of(1, 2);
        let count = (0..10_000).filter(|_| chance.happens(0.5)).count();
        assert!((4_800..5_200).contains(&count), "{count}");
    }
}
