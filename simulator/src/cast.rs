// SPDX-License-Identifier: Apache-2.0
//! Who takes part in a job, and how each of them plays.

/// What the provider of the job does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProviderPlay {
    /// Which share of the tiles it makes up.
    pub makes_up: f64,
    /// Besides, whether it plants a single wrong tile.
    pub plants_one: bool,
    /// What it does before its deadline.
    pub delivers: Delivery,
    /// What it does when it sees that somebody outside the coalition will find a wrong tile.
    pub when_seen: WhenSeen,
}

/// What a provider does before its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It commits to a result.
    Commits,
    /// Nothing.
    Nothing,
    /// It computes nothing and says that the inputs cannot be had.
    BlamesInputs,
    /// It has lost the inputs, and says so.
    HasLostInputs,
}

/// What a provider does when its wrong tile was drawn for somebody outside the coalition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenSeen {
    /// It opens all the same.
    Opens,
    /// It does not open.
    Withholds,
    /// It stops serving the outputs of earlier passes, so that nobody can compute the later ones.
    StopsServing,
}

impl ProviderPlay {
    /// It computes everything.
    pub const HONEST: Self = Self {
        makes_up: 0.0,
        plants_one: false,
        delivers: Delivery::Commits,
        when_seen: WhenSeen::Opens,
    };
}

/// What verifiers of the coalition do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifierPlay {
    /// They compute their samples and say what they find.
    Honest,
    /// They do not attest.
    Silent,
    /// They attest something, and reveal it.
    Guesses,
    /// They attest what somebody else attested, and so cannot reveal it.
    CopiesHash,
    /// Of tiles of earlier passes they attest what the provider serves.
    CopiesServed,
    /// They swear to whatever the provider committed to, unless a stranger checks a wrong tile: then they are honest,
    /// for it will come out.
    Accomplice,
    /// They compute, and claim that the first of their tiles is wrong.
    Accuses,
    /// They compute, and do not reveal if all seats are the coalition's.
    MuteTogether,
    /// They say that outputs of earlier passes are not served, if they may outvote the others.
    BlamesOutputs,
}

/// What the requester does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequesterPlay {
    /// It serves its inputs and takes the result.
    Honest,
    /// Its inputs do not exist, so nobody accepts.
    NoInputs,
    /// Its checker never yields zeros.
    LyingChecker,
}

/// Who takes part, and who acts together.
#[derive(Clone, Debug, PartialEq)]
pub struct Cast {
    /// Which providers belong to the coalition.
    pub members: Vec<bool>,
    /// Whether the requester does.
    pub owns_requester: bool,
    /// What the provider does.
    pub provider: ProviderPlay,
    /// What verifiers of the coalition do; all others are honest.
    pub verifiers: VerifierPlay,
    /// What the requester does.
    pub requester: RequesterPlay,
    /// When the coalition brings a wrong tile of its own to the chain, under another name.
    pub reports_itself: ReportsItself,
}

/// When a coalition reports its own provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportsItself {
    /// Never.
    Never,
    /// When others are about to; it is faster.
    BeforeOthers,
    /// In any case.
    Always,
}
