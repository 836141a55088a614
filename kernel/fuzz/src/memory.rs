// SPDX-License-Identifier: Apache-2.0
//! Counts what a case allocates: without a sanitizer, libFuzzer sees only what the whole process takes.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

/// The system's allocator, and how much it has lent.
#[derive(Debug)]
pub struct Counted {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Counted {
    /// With nothing lent.
    pub const NONE: Self = Self {
        now: AtomicUsize::new(0),
        most: AtomicUsize::new(0),
    };

    /// Forgets what was lent at most; the answer is what is lent now, in bytes.
    pub fn start(&self) -> usize {
        let now = self.now.load(Relaxed);
        self.most.store(now, Relaxed);
        now
    }

    /// The most bytes that were lent at once since the start.
    pub fn most(&self) -> usize {
        self.most.load(Relaxed)
    }
}

// SAFETY: all that is asked for, the system's allocator is asked for.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = self.now.fetch_add(layout.size(), Relaxed) + layout.size();
        self.most.fetch_max(now, Relaxed);
        // SAFETY: the caller promises what the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        self.now.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(place, layout) }
    }
}
