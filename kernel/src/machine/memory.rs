// SPDX-License-Identifier: Apache-2.0
//! The memories of a workgroup.

use super::{
    Column, Inputs, Invocation, LANES, Mask, ZERO,
    pattern::{Pattern, gather, word_at},
};
use crate::{
    cost::PAGE_WORDS,
    program::{Atomic, Kernel, Memory, MemoryIndex},
};
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
        match self.slots.get(usize::from(memory)) {
            None => result.fill(0),
            Some(Slot::Input(input)) => inputs.gather(*input, addresses, active, result)?,
            Some(Slot::Output) => {
                for (result, address) in result.iter_mut().zip(addresses) {
                    *result = word_at(output, address.wrapping_sub(self.first));
                }
            }
            Some(Slot::Parameters(words) | Slot::Workgroup(words)) => {
                gather(words, addresses, result);
            }
            Some(Slot::Private(columns)) => load_own(columns, addresses, result),
        }
        Ok(())
    }

    /// The lanes of a load of an input that need not find a page: all but those that are active and read in
    /// another page than the active one before.
    #[inline(always)]
    pub(super) fn spared(&self, memory: MemoryIndex, addresses: &[u32], active: Mask) -> u64 {
        if !matches!(self.slots.get(usize::from(memory)), Some(Slot::Input(_))) {
            return 0;
        }
        let page = |address: &u32| address / PAGE_WORDS;
        let found = match addresses.split_first() {
            None => 0,
            Some((_, rest)) if active.covers(addresses.len()) => {
                let pairs = addresses.iter().zip(rest);
                let changes = pairs.fold(0u32, |changes, (before, after)| {
                    changes.wrapping_add(u32::from(page(before) != page(after)))
                });
                changes.saturating_add(1)
            }
            Some(_) => {
                let (mut found, mut last) = (0u32, None);
                active.each(|lane| {
                    let now = addresses.get(lane).map(page);
                    found = found.saturating_add(u32::from(now != last));
                    last = now;
                });
                found
            }
        };
        let lanes = u64::try_from(addresses.len()).unwrap_or_default();
        lanes.saturating_sub(found.into())
    }

    #[inline(always)]
    pub(super) fn store(
        &mut self,
        memory: MemoryIndex,
        addresses: &[u32],
        values: &[u32],
        active: Mask,
        output: &mut [u32],
    ) {
        let first = self.first;
        match self.slots.get_mut(usize::from(memory)) {
            None | Some(Slot::Input(_) | Slot::Parameters(_)) => {}
            Some(Slot::Output) => scatter(output, first, addresses, values, active),
            Some(Slot::Workgroup(words)) => scatter(words, 0, addresses, values, active),
            Some(Slot::Private(columns)) => store_own(columns, addresses, values, active),
        }
    }

    #[inline(always)]
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
        active.each(|lane| {
            if let (Some(address), Some(value)) = (addresses.get(lane), values.get(lane))
                && let Some(place) = word_mut(words, *address)
            {
                *place = combined(atomic, *place, *value);
            }
        });
    }
}

/// What each lane has at an address of its own memory.
#[inline(always)]
fn load_own(columns: &[Column], addresses: &[u32], result: &mut [u32]) {
    let at = |address: u32| {
        usize::try_from(address)
            .ok()
            .and_then(|word| columns.get(word))
    };
    if let Pattern::Same(address) = Pattern::of(addresses) {
        for (result, word) in result.iter_mut().zip(at(address).unwrap_or(&ZERO)) {
            *result = *word;
        }
        return;
    }
    for (lane, (result, address)) in result.iter_mut().zip(addresses).enumerate() {
        *result = at(*address)
            .and_then(|column| column.get(lane).copied())
            .unwrap_or_default();
    }
}

/// Writes to an address of each lane's own memory.
#[inline(always)]
fn store_own(columns: &mut [Column], addresses: &[u32], values: &[u32], active: Mask) {
    let index = |address: u32| usize::try_from(address).unwrap_or(usize::MAX);
    if let Pattern::Same(address) = Pattern::of(addresses) {
        if let Some(column) = columns.get_mut(index(address)) {
            active.copy(values, column);
        }
        return;
    }
    active.each(|lane| {
        if let (Some(address), Some(value)) = (addresses.get(lane), values.get(lane))
            && let Some(column) = columns.get_mut(index(*address))
            && let Some(place) = column.get_mut(lane)
        {
            *place = *value;
        }
    });
}

/// Writes to addresses of which the memory's words have those from `first` on. Of lanes with one address, the last
/// one stays.
#[inline(always)]
fn scatter(words: &mut [u32], first: u32, addresses: &[u32], values: &[u32], active: Mask) {
    if let Pattern::Ascending(start) = Pattern::of(addresses)
        && active.covers(addresses.len())
        && let Ok(start) = usize::try_from(start.wrapping_sub(first))
        && let Some(end) = start.checked_add(values.len())
        && let Some(place) = words.get_mut(start..end)
    {
        place.copy_from_slice(values);
        return;
    }
    active.each(|lane| {
        if let (Some(address), Some(value)) = (addresses.get(lane), values.get(lane))
            && let Some(place) = word_mut(words, address.wrapping_sub(first))
        {
            *place = *value;
        }
    });
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
