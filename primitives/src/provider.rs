// SPDX-License-Identifier: Apache-2.0
//! What a provider says of its machine, and what a requester may ask of one.

use crate::AccountId;
use alloc::string::String;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::{frame_support::BoundedVec, sp_core::ConstU32};
use scale_info::TypeInfo;

/// The most bytes of a device's name.
pub const MAX_DEVICE: u32 = 128;

/// The most regions that a requester names.
pub const MAX_REGIONS: u32 = 8;

/// The most providers that a requester names.
pub const MAX_ALLOWED: u32 = 16;

/// Which kernels an adapter computes bit for bit as the virtual machine does: the worker's probe says so.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub enum AdapterClass {
    /// Those that compute with integers only.
    #[default]
    Integer,
    /// All.
    Float,
}

/// Where the electricity comes from, as the provider says.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub enum Energy {
    /// It does not say.
    #[default]
    Undeclared,
    /// Whatever the grid gives.
    Grid,
    /// Wind, sun, water, earth or biomass.
    Renewable,
}

/// A country: the two capital letters of ISO 3166-1; two zeros where it is not said.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Region(pub [u8; 2]);

impl Region {
    /// Whether it is two capital letters, or not said.
    pub fn is_valid(&self) -> bool {
        self.0 == [0; 2] || self.0.iter().all(u8::is_ascii_uppercase)
    }
}

/// A provider's machine. Class, probe and speed are what its worker measured; the chain does not check them, but who
/// promises too much misses deadlines.
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Hardware {
    /// The name of adapter and driver, as text.
    pub device: BoundedVec<u8, ConstU32<MAX_DEVICE>>,
    /// Which kernels it computes exactly.
    pub class: AdapterClass,
    /// BLAKE3 hash of what the probe's kernels computed; machines of one hash computed the same.
    pub probe: [u8; 32],
    /// Fuel a second.
    pub speed: u64,
    /// The largest input it takes, in MiB.
    pub memory: u32,
    /// Where it stands.
    pub region: Region,
    /// What it runs on.
    pub energy: Energy,
}

/// A provider's machine in a genesis.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GenesisHardware {
    /// The name of adapter and driver, at most [`MAX_DEVICE`] bytes.
    pub device: String,
    /// Which kernels it computes exactly.
    pub class: AdapterClass,
    /// Fuel a second.
    pub speed: u64,
    /// The largest input it takes, in MiB.
    pub memory: u32,
}

/// What a requester asks of whoever computes its job. Nothing by default.
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Requirements {
    /// At least this class.
    pub class: AdapterClass,
    /// At least so much fuel a second.
    pub speed: u64,
    /// An input of at least so many MiB fits.
    pub memory: u32,
    /// One of these regions; any if none is named.
    pub regions: BoundedVec<Region, ConstU32<MAX_REGIONS>>,
    /// Only what is declared to run on renewable energy.
    pub renewable: bool,
    /// One of these providers; any if none is named.
    pub providers: BoundedVec<AccountId, ConstU32<MAX_ALLOWED>>,
}

impl Requirements {
    /// Whether a provider with such a machine is asked for.
    pub fn admit(&self, provider: &AccountId, hardware: &Hardware) -> bool {
        hardware.class >= self.class
            && hardware.speed >= self.speed
            && hardware.memory >= self.memory
            && (self.regions.is_empty() || self.regions.contains(&hardware.region))
            && (!self.renewable || hardware.energy == Energy::Renewable)
            && (self.providers.is_empty() || self.providers.contains(provider))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_admit_who_meets_each_of_them() {
        let me = AccountId::new([1; 32]);
        let machine = Hardware {
            class: AdapterClass::Float,
            speed: 100,
            memory: 8,
            region: Region(*b"CH"),
            energy: Energy::Renewable,
            ..Hardware::default()
        };
        assert!(Requirements::default().admit(&me, &Hardware::default()));
        let all = Requirements {
            class: AdapterClass::Float,
            speed: 100,
            memory: 8,
            regions: vec![Region(*b"CH")].try_into().expect("few"),
            renewable: true,
            providers: vec![me.clone()].try_into().expect("few"),
        };
        assert!(all.admit(&me, &machine));
        assert!(!all.admit(&AccountId::new([2; 32]), &machine));
        let short = |change: fn(&mut Hardware)| {
            let mut machine = machine.clone();
            change(&mut machine);
            !all.admit(&me, &machine)
        };
        assert!(short(|machine| machine.class = AdapterClass::Integer));
        assert!(short(|machine| machine.speed = 99));
        assert!(short(|machine| machine.memory = 7));
        assert!(short(|machine| machine.region = Region(*b"DE")));
        assert!(short(|machine| machine.energy = Energy::Grid));
    }

    #[test]
    fn region_is_two_capital_letters_or_nothing() {
        assert!(Region::default().is_valid());
        assert!(Region(*b"CH").is_valid());
        assert!(!Region(*b"ch").is_valid());
        assert!(!Region(*b"C1").is_valid());
        assert!(!Region([b'C', 0]).is_valid());
    }
}
