// SPDX-License-Identifier: Apache-2.0
//! Ways to deal with the protocol, honest and otherwise.

use crate::{
    cast::{Cast, Delivery, ProviderPlay, ReportsItself, RequesterPlay, VerifierPlay, WhenSeen},
    market::Market,
};
use clap::ValueEnum;

/// What a coalition with a share of the stake does. It has accounts of every kind besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
pub enum Strategy {
    /// Computes everything, checks everything.
    Honest,
    /// Provider: makes up 1% of the tiles. Its verifiers swear to them if nobody else will see it; else it has itself
    /// convicted before others do.
    Lazy1,
    /// Provider: the same with 10% of the tiles.
    Lazy10,
    /// Provider: the same with half of the tiles.
    Lazy50,
    /// Provider: the same with all tiles.
    AllWrong,
    /// Provider: the same with a single tile.
    OneWrongTile,
    /// Provider: makes up 10%, and does not open if a stranger checks one of these tiles.
    Withholder,
    /// Provider: makes up 10% of a job of two passes, and stops serving if a stranger checks one of these tiles.
    StopsServing,
    /// Provider: accepts and does nothing.
    SilentProvider,
    /// Provider: computes nothing and says that the inputs cannot be had; verifiers of the coalition say so too.
    BlamesInputs,
    /// Provider: makes up everything and has itself convicted under another name, for a stranger's job.
    ReportsItself,
    /// The same, for a job that it has posted itself.
    ConvictsItself,
    /// The same, and nine tenths of its stake are delegated by others.
    ConvictsItselfWithDelegators,
    /// Verifier: attests nonsense and reveals it.
    GuessingVerifier,
    /// Verifier: repeats somebody else's attestation.
    CopyingVerifier,
    /// Verifier: of a job of two passes attests for the first what the provider serves.
    ServedCopyingVerifier,
    /// Verifier: does not attest.
    SilentVerifier,
    /// Verifier: claims that a right tile is wrong.
    FalseAccuser,
    /// Requester: its inputs do not exist.
    NoInputs,
    /// Requester: keeps the inputs of a job that it does not need from providers that accept without them; its
    /// verifiers say that they are there.
    HidesInputs,
    /// Requester: its checker never yields zeros, so that verifiers compute the job.
    LyingChecker,
    /// Requester: its verifiers do not reveal where all seats are theirs, when the output is served already.
    FreeResult,
    /// Requester: its verifiers say where they can that outputs of the first of two passes are not served.
    BlamesOutputs,
    /// Requester, provider and verifiers are one: an honest job for itself, for fees and reputation.
    SelfDealing,
}

/// What a strategy is measured against.
#[derive(Clone, Debug)]
pub enum Baseline {
    /// What the same coalition earns by the same job if it is honest.
    Honest(Cast),
    /// Not to take part.
    Nothing,
}

/// A strategy, ready to be played.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The job and the world, as the strategy needs them.
    pub market: Market,
    /// Who does what.
    pub cast: Cast,
    /// What it is measured against.
    pub baseline: Baseline,
}

/// A provider outside the coalition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stranger {
    /// Whether it makes up a tenth of its tiles.
    pub crooked: bool,
    /// Whether it accepts jobs without having their inputs.
    pub careless: bool,
}

/// Who the coalition is besides verifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Provider,
    Verifiers,
    Requester,
    RequesterAndProvider,
}

impl Strategy {
    /// All but the honest one.
    pub fn dishonest() -> impl Iterator<Item = Self> {
        Self::value_variants()
            .iter()
            .copied()
            .filter(|strategy| *strategy != Self::Honest)
    }

    /// Its name, as on the command line.
    pub fn name(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }

    /// What it is.
    pub fn about(self) -> String {
        self.to_possible_value()
            .and_then(|value| value.get_help().map(ToString::to_string))
            .unwrap_or_default()
    }

    /// Whether it matters what kind of provider a stranger is.
    pub fn meets_strangers(self) -> bool {
        self.side() == Side::Verifiers || self == Self::HidesInputs
    }

    fn side(self) -> Side {
        match self {
            Self::Honest
            | Self::Lazy1
            | Self::Lazy10
            | Self::Lazy50
            | Self::AllWrong
            | Self::OneWrongTile
            | Self::Withholder
            | Self::StopsServing
            | Self::SilentProvider
            | Self::BlamesInputs
            | Self::ReportsItself => Side::Provider,
            Self::GuessingVerifier
            | Self::CopyingVerifier
            | Self::ServedCopyingVerifier
            | Self::SilentVerifier
            | Self::FalseAccuser => Side::Verifiers,
            Self::NoInputs
            | Self::HidesInputs
            | Self::LyingChecker
            | Self::FreeResult
            | Self::BlamesOutputs => Side::Requester,
            Self::ConvictsItself | Self::ConvictsItselfWithDelegators | Self::SelfDealing => {
                Side::RequesterAndProvider
            }
        }
    }

    /// Whether it needs a job of two passes.
    fn needs_two_passes(self) -> bool {
        matches!(
            self,
            Self::StopsServing | Self::ServedCopyingVerifier | Self::BlamesOutputs
        )
    }

    /// The strategy of a coalition with this share of the stake, in a job whose provider, if it is a stranger, is of this
    /// kind.
    pub fn plan(self, market: &Market, share: f64, stranger: Stranger) -> Plan {
        let mut market = market.clone();
        if self.needs_two_passes() && market.tiles.len() < 2 {
            market.tiles = market
                .tiles
                .iter()
                .flat_map(|tiles| [tiles / 2; 2])
                .collect();
        }
        if self == Self::ConvictsItselfWithDelegators {
            market.own = 0.1;
        }
        let side = self.side();
        let has_provider = matches!(side, Side::Provider | Side::RequesterAndProvider);
        let count = market.providers as usize;
        let wanted = (share * f64::from(market.providers)).round() as usize;
        // The provider of the job is number 0.
        let ours = match has_provider {
            true => 0..wanted.clamp(1, count),
            false => 1..(1 + wanted.max(usize::from(side == Side::Verifiers))).min(count),
        };
        let members: Vec<bool> = (0..count).map(|number| ours.contains(&number)).collect();
        if self == Self::HidesInputs {
            market.worth = 0.0;
        }
        let makes_up = match stranger.crooked && side == Side::Verifiers {
            true => 0.1,
            false => 0.0,
        };
        let provider = ProviderPlay {
            makes_up,
            ..ProviderPlay::HONEST
        };
        let honest = Cast {
            members,
            owns_requester: matches!(side, Side::Requester | Side::RequesterAndProvider),
            provider,
            verifiers: VerifierPlay::Honest,
            requester: RequesterPlay::Honest,
            reports_itself: ReportsItself::Never,
        };
        let cast = match self {
            Self::HidesInputs if !stranger.careless => honest.clone(),
            _ => self.cast(&honest),
        };
        let baseline = match (self, side) {
            (Self::NoInputs | Self::HidesInputs, _) | (_, Side::RequesterAndProvider) => {
                Baseline::Nothing
            }
            _ => Baseline::Honest(honest),
        };
        Plan {
            market,
            cast,
            baseline,
        }
    }

    fn cast(self, honest: &Cast) -> Cast {
        let honest = honest.clone();
        let lazy = |makes_up| Cast {
            provider: ProviderPlay {
                makes_up,
                ..ProviderPlay::HONEST
            },
            verifiers: VerifierPlay::Accomplice,
            reports_itself: ReportsItself::BeforeOthers,
            ..honest.clone()
        };
        let when_seen = |when_seen| Cast {
            provider: ProviderPlay {
                makes_up: 0.1,
                when_seen,
                ..ProviderPlay::HONEST
            },
            ..lazy(0.1)
        };
        let delivers = |delivers| Cast {
            provider: ProviderPlay {
                delivers,
                ..ProviderPlay::HONEST
            },
            ..honest.clone()
        };
        let verifiers = |verifiers| Cast {
            verifiers,
            ..honest.clone()
        };
        let requester = |requester| Cast {
            requester,
            ..honest.clone()
        };
        let itself = || Cast {
            reports_itself: ReportsItself::Always,
            ..lazy(1.0)
        };
        match self {
            Self::Honest | Self::SelfDealing => honest,
            Self::Lazy1 => lazy(0.01),
            Self::Lazy10 => lazy(0.1),
            Self::Lazy50 => lazy(0.5),
            Self::AllWrong => lazy(1.0),
            Self::OneWrongTile => Cast {
                provider: ProviderPlay {
                    plants_one: true,
                    ..ProviderPlay::HONEST
                },
                ..lazy(0.0)
            },
            Self::Withholder => when_seen(WhenSeen::Withholds),
            Self::StopsServing => when_seen(WhenSeen::StopsServing),
            Self::SilentProvider => delivers(Delivery::Nothing),
            Self::BlamesInputs => delivers(Delivery::BlamesInputs),
            Self::ReportsItself | Self::ConvictsItself | Self::ConvictsItselfWithDelegators => {
                itself()
            }
            Self::GuessingVerifier => verifiers(VerifierPlay::Guesses),
            Self::CopyingVerifier => verifiers(VerifierPlay::CopiesHash),
            Self::ServedCopyingVerifier => verifiers(VerifierPlay::CopiesServed),
            Self::SilentVerifier => verifiers(VerifierPlay::Silent),
            Self::FalseAccuser => verifiers(VerifierPlay::Accuses),
            Self::NoInputs => requester(RequesterPlay::NoInputs),
            Self::HidesInputs => delivers(Delivery::HasLostInputs),
            Self::LyingChecker => requester(RequesterPlay::LyingChecker),
            Self::FreeResult => verifiers(VerifierPlay::MuteTogether),
            Self::BlamesOutputs => verifiers(VerifierPlay::BlamesOutputs),
        }
    }
}
