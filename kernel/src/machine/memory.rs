// SPDX-License-Identifier: Apache-2.0
//! The memories of a workgroup.

use super::{Column, Inputs, Invocation, LANES, Mask, inputs::word_at};
use crate::program::{Atomic, Kernel, Memory, MemoryIndex};
use alloc::{vec, vec::Vec};

#[derive(Clone, Debug)]
enum Slot {
    /// With its number among the inputs.
    Input(usize),
    Parameters(Vec<u32>),
    Output,
    Workgroup(Vec<u32>),
    /// A column for each word.
    Private(Vec<Column>),
}

/// All memories that a kernel declares.
#[derive(Clone, Debug)]
pub(super) struct Memories {
    slots: Vec<Slot>,
    tile_words: u32,
    /// The address of the first word of the tile, modulo 2^32.
    first: u32,
    /// The words of the whole output, at most 2^32 - 1.
    output_words: u32,
}

impl Memories {
    pub(super) fn new(kernel: &Kernel) -> Self {
        let words = |words: u32| vec![0; usize::try_from(words).unwrap_or_default()];
        let mut inputs = 0;
        let slots = kernel
            .memories
            .iter()
            .map(|memory| match *memory {
                Memory::Input => {
                    let slot = Slot::Input(inputs);
                    inputs = inputs.saturating_add(1);
                    slot
                }
                Memory::Parameters(count) => Slot::Parameters(words(count)),
                Memory::Output => Slot::Output,
                Memory::Workgroup(count, _) => Slot::Workgroup(words(count)),
                Memory::Private(count, _) => {
                    Slot::Private(vec![[0; LANES]; usize::try_from(count).unwrap_or_default()])
                }
            })
            .collect();
        Self {
            slots,
            tile_words: kernel.tile_words,
            first: 0,
            output_words: 0,
        }
    }

    /// Makes everything as it is before a workgroup starts.
    pub(super) fn reset(&mut self, invocation: &Invocation<'_>) {
        self.first = invocation.group.wrapping_mul(self.tile_words);
        let words = invocation.groups().saturating_mul(self.tile_words.into());
        self.output_words = u32::try_from(words).unwrap_or(u32::MAX);
        for slot in &mut self.slots {
            match slot {
                Slot::Input(_) | Slot::Output => {}
                Slot::Parameters(words) => {
                    words.fill(0);
                    for (word, parameter) in words.iter_mut().zip(invocation.parameters) {
                        *word = *parameter;
                    }
                }
                Slot::Workgroup(words) => words.fill(0),
                Slot::Private(columns) => columns.fill([0; LANES]),
            }
        }
    }

    pub(super) fn length<I: Inputs>(&self, memory: MemoryIndex, inputs: &I) -> u32 {
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        match self.slots.get(usize::from(memory)) {
            None => 0,
            Some(Slot::Input(input)) => inputs.words(*input),
            Some(Slot::Output) => self.output_words,
            Some(Slot::Parameters(words) | Slot::Workgroup(words)) => count(words.len()),
            Some(Slot::Private(columns)) => count(columns.len()),
        }
    }

    #[inline(always)]
    pub(super) fn load<I: Inputs>(
        &self,
        memory: MemoryIndex,
        addresses: &[u32],
        active: Mask,
        inputs: &mut I,
        output: &[u32],
        result: &mut [u32],
    ) -> Result<(), I::Error> {
        let lanes = result.iter_mut().zip(addresses);
        match self.slots.get(usize::from(memory)) {
            None => result.fill(0),
            Some(Slot::Input(input)) => inputs.gather(*input, addresses, active, result)?,
            Some(Slot::Output) => {
                for (result, address) in lanes {
                    *result = word_at(output, address.wrapping_sub(self.first));
                }
            }
            Some(Slot::Parameters(words) | Slot::Workgroup(words)) => {
                for (result, address) in lanes {
                    *result = word_at(words, *address);
                }
            }
            Some(Slot::Private(columns)) => {
                for (lane, (result, address)) in lanes.enumerate() {
                    let column = usize::try_from(*address)
                        .ok()
                        .and_then(|word| columns.get(word));
                    *result = column
                        .and_then(|column| column.get(lane).copied())
                        .unwrap_or_default();
                }
            }
        }
        Ok(())
    }

    pub(super) fn store(
        &mut self,
        memory: MemoryIndex,
        addresses: &[u32],
        values: &[u32],
        active: Mask,
        output: &mut [u32],
    ) {
        let first = self.first;
        let Some(slot) = self.slots.get_mut(usize::from(memory)) else {
            return;
        };
        for lane in active.lanes() {
            let (Some(address), Some(value)) = (addresses.get(lane), values.get(lane)) else {
                continue;
            };
            let place = match slot {
                Slot::Input(_) | Slot::Parameters(_) => None,
                Slot::Output => word_mut(output, address.wrapping_sub(first)),
                Slot::Workgroup(words) => word_mut(words, *address),
                Slot::Private(columns) => usize::try_from(*address)
                    .ok()
                    .and_then(|word| columns.get_mut(word))
                    .and_then(|column| column.get_mut(lane)),
            };
            if let Some(place) = place {
                *place = *value;
            }
        }
    }

    pub(super) fn combine(
        &mut self,
        atomic: Atomic,
        memory: MemoryIndex,
        addresses: &[u32],
        values: &[u32],
        active: Mask,
    ) {
        let Some(Slot::Workgroup(words)) = self.slots.get_mut(usize::from(memory)) else {
            return;
        };
        for lane in active.lanes() {
            let (Some(address), Some(value)) = (addresses.get(lane), values.get(lane)) else {
                continue;
            };
            if let Some(place) = word_mut(words, *address) {
                *place = combined(atomic, *place, *value);
            }
        }
    }
}

fn word_mut(words: &mut [u32], address: u32) -> Option<&mut u32> {
    words.get_mut(usize::try_from(address).ok()?)
}

fn combined(atomic: Atomic, a: u32, b: u32) -> u32 {
    match atomic {
        Atomic::Add => a.wrapping_add(b),
        Atomic::MinSigned => a.cast_signed().min(b.cast_signed()).cast_unsigned(),
        Atomic::MinUnsigned => a.min(b),
        Atomic::MaxSigned => a.cast_signed().max(b.cast_signed()).cast_unsigned(),
        Atomic::MaxUnsigned => a.max(b),
        Atomic::And => a & b,
        Atomic::Or => a | b,
        Atomic::Xor => a ^ b,
    }
}
