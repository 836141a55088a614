// SPDX-License-Identifier: Apache-2.0
//! A job's tiles, batch by batch.

use super::{device::Device, program::Program};
use crate::engine::{EngineError, Task};
use assay_kernel::generator::{BATCH_BINDING, Batch, FIRST_INPUT_BINDING, OUTPUT_BINDING};
use std::{
    collections::VecDeque,
    ops::Range,
    sync::mpsc,
    time::{Duration, Instant},
};

/// How long a batch should take: long against the cost of a dispatch, short against what displays and
/// drivers tolerate.
pub(super) const TARGET: Duration = Duration::from_millis(100);

/// Fuel of the first batch: little for any device.
const FIRST_FUEL: u64 = 200_000_000;

/// How much larger than the one before a batch may be.
const GROWTH: u32 = 8;

/// The most bytes of output of a batch: enough to hide a dispatch, and held twice on both sides.
const MOST_BYTES: u64 = 64 << 20;

/// The bytes of input that are brought into order at once.
const UPLOAD: usize = 1 << 20;

/// A job under way.
pub(super) struct Batches<'a> {
    device: &'a Device,
    program: &'a Program,
    task: &'a Task<'a>,
    input_words: Vec<u32>,
    slots: Vec<Slot>,
    /// The most tiles that a slot holds.
    capacity: u32,
}

/// The buffers of one batch.
struct Slot {
    batch: wgpu::Buffer,
    output: wgpu::Buffer,
    /// Where the host reads the output.
    staging: wgpu::Buffer,
    bindings: wgpu::BindGroup,
}

/// A batch that the device has.
struct InFlight<'s> {
    slot: &'s Slot,
    tiles: u32,
    bytes: u64,
    submission: wgpu::SubmissionIndex,
    submitted: Instant,
    mapped: mpsc::Receiver<Result<(), wgpu::BufferAsyncError>>,
}

impl<'a> Batches<'a> {
    /// Brings the inputs to the device.
    pub(super) fn new(
        device: &'a Device,
        program: &'a Program,
        task: &'a Task<'a>,
    ) -> Result<Self, EngineError> {
        let mut words = task.inputs.to_vec();
        words.resize(program.shader.inputs() as usize, &[]);
        let inputs = words
            .iter()
            .enumerate()
            .map(|(input, words)| upload(device, input, words))
            .collect::<Result<Vec<_>, _>>()?;
        let most = device.most_bytes().min(MOST_BYTES) / program.tile_bytes;
        let capacity = u32::try_from(most)
            .unwrap_or(u32::MAX)
            .min(device.limits.max_compute_workgroups_per_dimension)
            .clamp(1, task.tiles.max(1));
        let input_words = words
            .iter()
            .map(|words| u32::try_from(words.len()).unwrap_or(u32::MAX))
            .collect();
        let slots = (0..2)
            .map(|_| Slot::new(device, program, &inputs, capacity))
            .collect();
        device.check()?;
        Ok(Self {
            device,
            program,
            task,
            input_words,
            slots,
            capacity,
        })
    }

    /// Computes all tiles and hands them over in order.
    pub(super) fn run(
        &self,
        take: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), EngineError> {
        let mut free: Vec<&Slot> = self.slots.iter().collect();
        let mut in_flight = VecDeque::with_capacity(self.slots.len());
        let mut size = u32::try_from(FIRST_FUEL / self.program.tile_fuel.max(1))
            .unwrap_or(u32::MAX)
            .clamp(1, self.capacity);
        let mut next = 0;
        let mut finished = Instant::now();
        loop {
            while next < self.task.tiles
                && let Some(slot) = free.pop()
            {
                let end = next.saturating_add(size).min(self.task.tiles);
                in_flight.push_back(self.submit(slot, next..end)?);
                next = end;
            }
            let Some(batch) = in_flight.pop_front() else {
                return Ok(());
            };
            self.device.wait(batch.submission.clone(), batch.tiles)?;
            let began = batch.submitted.max(finished);
            finished = Instant::now();
            size = self.adapt(batch.tiles, finished.duration_since(began));
            let slot = batch.slot;
            batch.hand_over(take)?;
            free.push(slot);
        }
    }

    /// The tiles of the next batch, from what one took.
    fn adapt(&self, tiles: u32, elapsed: Duration) -> u32 {
        let ideal = f64::from(tiles) * TARGET.as_secs_f64() / elapsed.as_secs_f64().max(1e-6);
        (ideal as u32).clamp(1, tiles.saturating_mul(GROWTH).min(self.capacity))
    }

    fn submit<'s>(&self, slot: &'s Slot, tiles: Range<u32>) -> Result<InFlight<'s>, EngineError> {
        let block = self.program.shader.batch(&Batch {
            grid: self.task.grid,
            first: tiles.start,
            input_words: &self.input_words,
            parameters: self.task.parameters,
        });
        let queue = &self.device.queue;
        queue.write_buffer(&slot.batch, 0, &bytes_of(&block));
        let count = tiles.end.saturating_sub(tiles.start);
        let bytes = self.program.tile_bytes.saturating_mul(count.into());
        let mut encoder = self
            .device
            .handle
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.clear_buffer(&slot.output, 0, Some(bytes));
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(&self.program.pipeline);
            pass.set_bind_group(0, &slot.bindings, &[]);
            pass.dispatch_workgroups(count, 1, 1);
        }
        encoder.copy_buffer_to_buffer(&slot.output, 0, &slot.staging, 0, bytes);
        let submission = queue.submit([encoder.finish()]);
        let (sender, mapped) = mpsc::channel();
        slot.staging
            .map_async(wgpu::MapMode::Read, 0..bytes, move |result| {
                // Nobody listens any more when the job was given up.
                let _ = sender.send(result);
            });
        self.device.check()?;
        Ok(InFlight {
            slot,
            tiles: count,
            bytes,
            submission,
            submitted: Instant::now(),
            mapped,
        })
    }
}

impl InFlight<'_> {
    /// Hands the bytes of a batch over that the device is through with.
    fn hand_over(
        self,
        take: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), EngineError> {
        let failed = |error: &dyn std::fmt::Display| EngineError::Device(error.to_string());
        self.mapped
            .try_recv()
            .map_err(|error| failed(&error))?
            .map_err(|error| failed(&error))?;
        let view = self
            .slot
            .staging
            .get_mapped_range(0..self.bytes)
            .map_err(|error| failed(&error))?;
        take(&view)?;
        drop(view);
        self.slot.staging.unmap();
        Ok(())
    }
}

impl Slot {
    fn new(device: &Device, program: &Program, inputs: &[wgpu::Buffer], capacity: u32) -> Self {
        let buffer = |size, usage| {
            device.handle.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size,
                usage,
                mapped_at_creation: false,
            })
        };
        let bytes = program.tile_bytes.saturating_mul(capacity.into());
        let words = program.shader.batch(&Batch {
            grid: [0; 3],
            first: 0,
            input_words: &[],
            parameters: &[],
        });
        let batch = buffer(
            bytes_of(&words).len() as u64,
            wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        );
        let output = buffer(
            bytes,
            wgpu::BufferUsages::STORAGE
                | wgpu::BufferUsages::COPY_SRC
                | wgpu::BufferUsages::COPY_DST,
        );
        let staging = buffer(
            bytes,
            wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        );
        let mut entries = vec![
            wgpu::BindGroupEntry {
                binding: BATCH_BINDING,
                resource: batch.as_entire_binding(),
            },
            wgpu::BindGroupEntry {
                binding: OUTPUT_BINDING,
                resource: output.as_entire_binding(),
            },
        ];
        entries.extend((FIRST_INPUT_BINDING..).zip(inputs).map(|(binding, input)| {
            wgpu::BindGroupEntry {
                binding,
                resource: input.as_entire_binding(),
            }
        }));
        let bindings = device.handle.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &program.bindings,
            entries: &entries,
        });
        Self {
            batch,
            output,
            staging,
            bindings,
        }
    }
}

/// Brings an input to the device, with the word of zero after it that reads past its end yield.
fn upload(device: &Device, input: usize, words: &[u32]) -> Result<wgpu::Buffer, EngineError> {
    let bytes = (words.len() as u64).saturating_add(1).saturating_mul(4);
    let limit = device.most_bytes();
    if bytes > limit {
        return Err(EngineError::InputTooLarge {
            input,
            bytes,
            limit,
        });
    }
    // A new buffer is zero.
    let buffer = device.handle.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: bytes,
        usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let mut offset = 0;
    for chunk in words.chunks(UPLOAD / 4) {
        device.queue.write_buffer(&buffer, offset, &bytes_of(chunk));
        offset = offset.saturating_add((chunk.len() as u64).saturating_mul(4));
    }
    Ok(buffer)
}

fn bytes_of(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}
