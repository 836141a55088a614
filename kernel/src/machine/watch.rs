// SPDX-License-Identifier: Apache-2.0
//! Who looks on while invocations use memory.

use super::Mask;
use crate::program::{Atomic, MemoryIndex};

/// Sees each use of a memory before it happens. `()` sees nothing and costs nothing.
pub trait Watch {
    /// The lanes read their addresses.
    fn read(&mut self, _memory: MemoryIndex, _addresses: &[u32], _lanes: Mask) {}

    /// The lanes write to their addresses.
    fn write(&mut self, _memory: MemoryIndex, _addresses: &[u32], _lanes: Mask) {}

    /// The lanes combine into their addresses.
    fn combine(&mut self, _atomic: Atomic, _memory: MemoryIndex, _addresses: &[u32], _lanes: Mask) {
    }

    /// All lanes have come to a barrier.
    fn barrier(&mut self) {}
}

impl Watch for () {}
