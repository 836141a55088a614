// SPDX-License-Identifier: Apache-2.0
//! Finds data races: two invocations that use the same word, at least one to change it, with no barrier
//! between. A GPU may then compute anything, and what the machine computes would convict an honest provider.
//!
//! One workgroup on one input is looked at, exactly: what is found is a race, but other workgroups may
//! have others.

use crate::{
    machine::{Inputs, Invocation, Machine, Mask, RunError, Watch},
    program::{Atomic, Kernel, Memory, MemoryIndex},
};
use alloc::{vec, vec::Vec};

/// A race.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invocations {} and {} both use word {word} of memory {memory}, and one of them changes it", .lanes[0], .lanes[1])]
pub struct Race {
    /// The memory.
    pub memory: MemoryIndex,
    /// The word; in the output, of the tile.
    pub word: u32,
    /// Two of the invocations.
    pub lanes: [u32; 2],
}

/// Runs a workgroup and looks for a race in it.
pub fn find<I: Inputs>(
    machine: &mut Machine,
    invocation: &Invocation<'_>,
    inputs: &mut I,
) -> Result<Option<Race>, RunError<I::Error>> {
    let kernel = machine.kernel();
    let words = usize::try_from(kernel.tile_words).unwrap_or_default();
    let mut watch = Detector::new(kernel, invocation.group);
    let mut output = vec![0; words];
    machine.run_watched(invocation, inputs, &mut output, &mut watch)?;
    Ok(watch.race)
}

/// The invocations that have used a word in a certain way.
#[derive(Clone, Copy, Debug, Default)]
enum Users {
    #[default]
    None,
    One(u32),
    /// With two of them.
    Many(u32, u32),
}

impl Users {
    /// One of them that is not `lane`.
    fn other_than(self, lane: u32) -> Option<u32> {
        match self {
            Self::One(user) if user != lane => Some(user),
            Self::Many(user, other) => Some(if user == lane { other } else { user }),
            Self::One(_) | Self::None => None,
        }
    }

    fn with(self, lane: u32) -> Self {
        match self {
            Self::None => Self::One(lane),
            Self::One(user) if user == lane => self,
            Self::One(user) => Self::Many(user, lane),
            Self::Many(..) => self,
        }
    }
}

/// What has been done with a word since the last barrier.
#[derive(Clone, Copy, Debug, Default)]
struct Uses {
    readers: Users,
    writers: Users,
    /// By atomics, with the last one's function.
    combiners: Users,
    atomic: Option<Atomic>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Read,
    Write,
    Combine(Atomic),
}

impl Uses {
    /// Another invocation that this use races with.
    fn conflict(&self, lane: u32, new: Use) -> Option<u32> {
        let changed = self.writers.other_than(lane);
        let combined = self.combiners.other_than(lane);
        let read = self.readers.other_than(lane);
        match new {
            Use::Read => changed.or(combined),
            Use::Write => changed.or(combined).or(read),
            // The same function in any order comes to the same.
            Use::Combine(atomic) if self.atomic == Some(atomic) => changed.or(read),
            Use::Combine(_) => changed.or(read).or(combined),
        }
    }

    fn add(&mut self, lane: u32, new: Use) {
        match new {
            Use::Read => self.readers = self.readers.with(lane),
            Use::Write => self.writers = self.writers.with(lane),
            Use::Combine(atomic) => {
                self.combiners = self.combiners.with(lane);
                self.atomic = Some(atomic);
            }
        }
    }
}

/// A memory that several invocations can reach.
struct Shared {
    /// The address of its first word.
    first: u32,
    /// Whether a barrier orders its uses; nothing orders those of the output.
    ordered: bool,
    words: Vec<Uses>,
}

struct Detector {
    memories: Vec<Option<Shared>>,
    race: Option<Race>,
}

impl Detector {
    fn new(kernel: &Kernel, group: u32) -> Self {
        let uses = |words: u32| vec![Uses::default(); usize::try_from(words).unwrap_or_default()];
        let memories = kernel.memories.iter().map(|memory| match memory {
            Memory::Output => Some(Shared {
                first: group.wrapping_mul(kernel.tile_words),
                ordered: false,
                words: uses(kernel.tile_words),
            }),
            Memory::Workgroup(words, _) => Some(Shared {
                first: 0,
                ordered: true,
                words: uses(*words),
            }),
            Memory::Input | Memory::Parameters(_) | Memory::Private(..) => None,
        });
        Self {
            memories: memories.collect(),
            race: None,
        }
    }

    fn note(&mut self, memory: MemoryIndex, addresses: &[u32], lanes: Mask, new: Use) {
        let shared = self.memories.get_mut(usize::from(memory));
        let Some(Some(shared)) = shared.filter(|_| self.race.is_none()) else {
            return;
        };
        for lane in lanes.lanes() {
            let Some(address) = addresses.get(lane) else {
                continue;
            };
            let word = address.wrapping_sub(shared.first);
            let uses = usize::try_from(word)
                .ok()
                .and_then(|word| shared.words.get_mut(word));
            // Past the end nothing is read or written.
            let (Some(uses), Ok(lane)) = (uses, u32::try_from(lane)) else {
                continue;
            };
            if let Some(other) = uses.conflict(lane, new) {
                self.race = Some(Race {
                    memory,
                    word,
                    lanes: [other, lane],
                });
                return;
            }
            uses.add(lane, new);
        }
    }
}

impl Watch for Detector {
    fn read(&mut self, memory: MemoryIndex, addresses: &[u32], lanes: Mask) {
        self.note(memory, addresses, lanes, Use::Read);
    }

    fn write(&mut self, memory: MemoryIndex, addresses: &[u32], lanes: Mask) {
        self.note(memory, addresses, lanes, Use::Write);
    }

    fn combine(&mut self, atomic: Atomic, memory: MemoryIndex, addresses: &[u32], lanes: Mask) {
        self.note(memory, addresses, lanes, Use::Combine(atomic));
    }

    fn barrier(&mut self) {
        let ordered = self.memories.iter_mut().flatten();
        for shared in ordered.filter(|shared| shared.ordered) {
            shared.words.fill(Uses::default());
        }
    }
}
