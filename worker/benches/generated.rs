// SPDX-License-Identifier: Apache-2.0
//! What exactness costs: kernels as the worker dispatches them, against their authors' WGSL run straight
//! through wgpu with its default checks, on the same adapter, by turns.
//!
//! `VK_DRIVER_FILES` chooses the driver. One line per kernel: the medians of [`ROUNDS`] rounds in
//! milliseconds, and the quotient of generated and author's.

use assay_kernel::{
    compiler::{Options, compile},
    generator::{BATCH_BINDING, Batch, FIRST_INPUT_BINDING, OUTPUT_BINDING, generate},
    validate::Limits,
};
use futures::executor::block_on;
use std::time::Instant;

/// Rounds of which the median counts.
const ROUNDS: usize = 31;

/// A kernel with a job of its usual size.
struct Case {
    name: &'static str,
    source: &'static str,
    groups: u32,
    inputs: Vec<Vec<u32>>,
    parameters: &'static [u32],
}

fn cases() -> Vec<Case> {
    let words = |count: u32, modulus: u32| -> Vec<u32> {
        (0..count)
            .map(|word| word.wrapping_mul(0x9e37_79b9).rotate_left(7) % modulus)
            .collect()
    };
    vec![
        Case {
            name: "median5x5",
            source: include_str!("../../kernels/median5x5/kernel.wgsl"),
            groups: (1_000u32 * 872).div_ceil(256),
            inputs: vec![words(1_000 * 872, u32::MAX)],
            parameters: &[1_000, 872],
        },
        Case {
            name: "prefix_sum",
            source: include_str!("../../kernels/prefix_sum/kernel.wgsl"),
            groups: 8_192,
            inputs: vec![words(8_192 * 256, u32::MAX)],
            parameters: &[],
        },
        Case {
            name: "sort",
            source: include_str!("../../kernels/sort/kernel.wgsl"),
            groups: 4_096,
            inputs: vec![words(4_096 * 256, u32::MAX)],
            parameters: &[],
        },
        Case {
            name: "collatz",
            source: include_str!("../../kernels/collatz/kernel.wgsl"),
            groups: 2_048,
            inputs: vec![words(2_048 * 256, 100_000)],
            parameters: &[],
        },
        Case {
            name: "gaussian5x5",
            source: include_str!("../../kernels/gaussian5x5/kernel.wgsl"),
            groups: (1_000u32 * 872).div_ceil(256),
            inputs: vec![words(1_000 * 872, u32::MAX)],
            parameters: &[1_000, 872],
        },
        Case {
            name: "mandelbrot",
            source: include_str!("../../kernels/mandelbrot/kernel.wgsl"),
            groups: (800u32 * 600).div_ceil(256),
            inputs: vec![],
            parameters: &[800, 4_288_675_840, 0, 31_457, 600],
        },
        Case {
            name: "matmul_int8",
            source: include_str!("../../kernels/matmul_int8/kernel.wgsl"),
            groups: 512 * 512 / 256,
            inputs: vec![words(512 * 128, u32::MAX), words(512 * 128, u32::MAX - 1)],
            parameters: &[512, 128],
        },
        Case {
            name: "blake3_leaves",
            source: include_str!("../../kernels/blake3_leaves/kernel.wgsl"),
            groups: 128,
            inputs: vec![words(128 * 32 * 256, u32::MAX)],
            parameters: &[],
        },
        Case {
            name: "smith_waterman",
            source: include_str!("../../kernels/smith_waterman/kernel.wgsl"),
            groups: 64,
            inputs: vec![words(64 * 256 * 16 + 64, 4), words(32, 4)],
            parameters: &[],
        },
    ]
}

struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
}

/// A pipeline with its buffers.
struct Ready {
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    output: wgpu::Buffer,
    groups: u32,
    /// Whether the output is cleared before each run.
    clears: bool,
}

impl Gpu {
    fn buffer(&self, words: &[u32], usage: wgpu::BufferUsages) -> wgpu::Buffer {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: bytes.len().next_multiple_of(16) as u64,
            usage: usage | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        self.queue.write_buffer(&buffer, 0, &bytes);
        buffer
    }

    fn output(&self, case: &Case) -> wgpu::Buffer {
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: u64::from(case.groups) * 1_024,
            usage: wgpu::BufferUsages::STORAGE
                | wgpu::BufferUsages::COPY_DST
                | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        })
    }

    fn ready(
        &self,
        module: &wgpu::ShaderModule,
        buffers: &[(u32, &wgpu::Buffer)],
        output: wgpu::Buffer,
        groups: u32,
        clears: bool,
    ) -> Ready {
        let pipeline = self
            .device
            .create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: None,
                layout: None,
                module,
                entry_point: None,
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                cache: None,
            });
        let entries: Vec<_> = buffers
            .iter()
            .map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding: *binding,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        let bindings = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        Ready {
            pipeline,
            bindings,
            output,
            groups,
            clears,
        }
    }

    /// As the author would run it.
    fn author(&self, case: &Case) -> Ready {
        let module = self
            .device
            .create_shader_module(wgpu::ShaderModuleDescriptor {
                label: None,
                source: wgpu::ShaderSource::Wgsl(case.source.into()),
            });
        let inputs: Vec<_> = case
            .inputs
            .iter()
            .map(|words| self.buffer(words, wgpu::BufferUsages::STORAGE))
            .collect();
        let output = self.output(case);
        let parameters = (!case.parameters.is_empty())
            .then(|| self.buffer(case.parameters, wgpu::BufferUsages::UNIFORM));
        let mut buffers: Vec<_> = inputs.iter().collect();
        buffers.extend(&parameters);
        buffers.push(&output);
        let buffers: Vec<_> = (0..).zip(buffers).collect();
        let output = output.clone();
        self.ready(&module, &buffers, output, case.groups, false)
    }

    /// As the worker does.
    #[allow(unsafe_code)]
    fn generated(&self, case: &Case) -> Ready {
        let kernel = compile(case.source, &Options::default())
            .expect("the kernel compiles")
            .kernel;
        let shader = generate(&kernel, &Limits::DEFAULT).expect("a compiled kernel is valid");
        let descriptor = wgpu::ShaderModuleDescriptor {
            label: None,
            source: wgpu::ShaderSource::Wgsl(shader.source().into()),
        };
        // SAFETY: as in the engine, the generator bounds every address, divisor and loop.
        let module = unsafe {
            self.device
                .create_shader_module_trusted(descriptor, wgpu::ShaderRuntimeChecks::unchecked())
        };
        let lengths: Vec<u32> = case.inputs.iter().map(|words| words.len() as u32).collect();
        let block = shader.batch(&Batch {
            grid: [case.groups, 1, 1],
            first: 0,
            input_words: &lengths,
            parameters: case.parameters,
        });
        let block = self.buffer(&block, wgpu::BufferUsages::UNIFORM);
        let padded = case.inputs.iter().map(|words| {
            let words: Vec<u32> = words.iter().copied().chain([0]).collect();
            self.buffer(&words, wgpu::BufferUsages::STORAGE)
        });
        let inputs: Vec<_> = padded.collect();
        let output = self.output(case);
        let mut buffers = vec![(BATCH_BINDING, &block), (OUTPUT_BINDING, &output)];
        buffers.extend((FIRST_INPUT_BINDING..).zip(&inputs));
        let kept = output.clone();
        self.ready(&module, &buffers, kept, case.groups, true)
    }

    /// The milliseconds of one run.
    fn time(&self, ready: &Ready) -> f64 {
        let start = Instant::now();
        let mut encoder = self
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        if ready.clears {
            encoder.clear_buffer(&ready.output, 0, None);
        }
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(&ready.pipeline);
            pass.set_bind_group(0, &ready.bindings, &[]);
            pass.dispatch_workgroups(ready.groups, 1, 1);
        }
        self.queue.submit([encoder.finish()]);
        self.device
            .poll(wgpu::PollType::wait_indefinitely())
            .expect("the device works");
        start.elapsed().as_secs_f64() * 1_000.0
    }

    fn contents(&self, ready: &Ready) -> Vec<u8> {
        let staging = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: ready.output.size(),
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut encoder = self
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(&ready.output, 0, &staging, 0, None);
        self.queue.submit([encoder.finish()]);
        staging.map_async(wgpu::MapMode::Read, .., |result| {
            result.expect("the output can be read");
        });
        self.device
            .poll(wgpu::PollType::wait_indefinitely())
            .expect("the device works");
        staging
            .get_mapped_range(..)
            .expect("the output is mapped")
            .to_vec()
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let adapter = block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default()))
        .expect("there is an adapter: install mesa-vulkan-drivers and libvulkan1");
    let descriptor = wgpu::DeviceDescriptor {
        required_limits: adapter.limits(),
        ..Default::default()
    };
    let (device, queue) = block_on(adapter.request_device(&descriptor)).expect("the adapter opens");
    let gpu = Gpu { device, queue };
    println!("{}", adapter.get_info().name);
    println!(
        "{:<12} {:>9} {:>9} {:>6}",
        "kernel", "author", "generated", "ratio"
    );
    for case in cases() {
        let (author, generated) = (gpu.author(&case), gpu.generated(&case));
        let mut times = (Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            let (a, b) = (gpu.time(&author), gpu.time(&generated));
            // The first round compiles.
            if round > 0 {
                times.0.push(a);
                times.1.push(b);
            }
        }
        assert!(
            gpu.contents(&author) == gpu.contents(&generated),
            "{}: both compute the same",
            case.name
        );
        let (author, generated) = (median(times.0), median(times.1));
        println!(
            "{:<12} {author:>9.2} {generated:>9.2} {:>6.2}",
            case.name,
            generated / author
        );
    }
}
