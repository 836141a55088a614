// SPDX-License-Identifier: Apache-2.0
//! Translates a kernel into WGSL that any GPU runs with the machine's results.
//!
//! The text relies on no check that a driver or a shader compiler may or may not make: every divisor is
//! made safe, every shift count masked, every address compared with the memory's length where it is not
//! known to be below it, and every loop ends by its own count or its fuel. It may therefore be handed to a
//! compiler whose own checks are off, and is as fast as what an author writes by hand.
//!
//! # Batches
//! A dispatch of `n` workgroups along x computes `n` tiles of the job in a row, and the output buffer
//! holds only theirs. [`Shader::batch`] makes the block of numbers that tells the shader which.
//!
//! # Bindings, all in group 0
//! | Binding | Buffer | Contents |
//! |---|---|---|
//! | [`BATCH_BINDING`] | uniform | [`Shader::batch`] |
//! | [`OUTPUT_BINDING`] | storage | the batch's tiles, zero before it starts |
//! | [`FIRST_INPUT_BINDING`] + n | read-only storage | the words of input n, then one word of zero |
//!
//! The zero after an input is what a read past its end yields: one `min` makes any address safe.

mod arithmetic;
mod body;
mod layout;
mod memory;
mod values;

use crate::{
    program::{Kernel, Memory},
    validate::{Invalid, Limits, validate},
};
use layout::Layout;

/// The binding of the numbers of the batch.
pub const BATCH_BINDING: u32 = 0;

/// The binding of the output.
pub const OUTPUT_BINDING: u32 = 1;

/// The binding of the first input; the others follow it.
pub const FIRST_INPUT_BINDING: u32 = 2;

/// The name of the entry point.
pub const ENTRY_POINT: &str = "kernel";

/// A kernel in WGSL.
#[derive(Clone, Debug)]
pub struct Shader {
    source: String,
    layout: Layout,
    tile_words: u32,
}

/// The numbers that a batch of tiles is computed with.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Workgroups of the job's grid along x, y and z.
    pub grid: [u32; 3],
    /// The first tile of the batch.
    pub first: u32,
    /// The words of each input, without the zero after them.
    pub input_words: &'a [u32],
    /// The job's parameters; those that the kernel has and the job has not are 0.
    pub parameters: &'a [u32],
}

impl Shader {
    /// The text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// How many inputs the kernel reads.
    pub fn inputs(&self) -> u32 {
        self.layout.inputs()
    }

    /// The contents of the buffer at [`BATCH_BINDING`], in words.
    pub fn batch(&self, batch: &Batch<'_>) -> Vec<u32> {
        self.layout.fill(batch, self.tile_words)
    }
}

/// Validates a kernel and translates it.
pub fn generate(kernel: &Kernel, limits: &Limits) -> Result<Shader, Invalid> {
    let report = validate(kernel, limits)?;
    let layout = Layout::new(kernel);
    let mut source = layout.declaration();
    let shapes = memory::shapes(kernel);
    for declaration in shapes.iter().filter_map(memory::Shape::module_scope) {
        source.push_str(&declaration);
        source.push('\n');
    }
    if kernel.has_floats() {
        source.push_str(FLOATS);
    }
    source.push_str(&body::entry_point(kernel, &report, &layout, &shapes));
    Ok(Shader {
        source,
        layout,
        tile_words: kernel.tile_words,
    })
}

/// What float functions are made of.
const FLOATS: &str = include_str!("generator/float.wgsl");

/// The words of the kernel's parameters.
fn parameter_words(kernel: &Kernel) -> u32 {
    kernel
        .memories
        .iter()
        .find_map(|memory| match memory {
            Memory::Parameters(words) => Some(*words),
            _ => None,
        })
        .unwrap_or_default()
}
