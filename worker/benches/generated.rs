// SPDX-License-Identifier: Apache-2.0
//! What exactness costs: kernels as the worker dispatches them, against their authors' WGSL run straight
//! through wgpu with its default checks, on the same adapter, by turns.
//!
//! `VK_DRIVER_FILES` chooses the driver. One line per kernel: the medians of [`ROUNDS`] rounds in milliseconds
//! and the quotient of generated and author's; what the virtual machine takes on one core, its speed in
//! units of the device's, and the hash of the output, which is the machine's.

use assay_kernel::{
    Kernel,
    compiler::{Options, compile},
    generator::{BATCH_BINDING, Batch, FIRST_INPUT_BINDING, OUTPUT_BINDING, generate},
    machine::{Invocation, Machine, SliceInputs},
    validate::Limits,
};
use futures::executor::block_on;
use std::time::{Duration, Instant};

/// Rounds of which the median counts.
const ROUNDS: usize = 15;

/// How long the virtual machine is measured.
const MACHINE_TIME: Duration = Duration::from_millis(300);

/// A kernel with a job large enough to be measured.
struct Case {
    name: &'static str,
    source: &'static str,
    options: Options,
    grid: [u32; 3],
    inputs: Vec<Vec<u32>>,
    parameters: Vec<u32>,
}

impl Case {
    fn new(name: &'static str, source: &'static str, groups: u32) -> Self {
        Self {
            name,
            source,
            options: Options::default(),
            grid: [groups, 1, 1],
            inputs: Vec::new(),
            parameters: Vec::new(),
        }
    }

    fn input(mut self, words: Vec<u32>) -> Self {
        self.inputs.push(words);
        self
    }

    fn parameters(mut self, words: &[u32]) -> Self {
        self.parameters = words.to_vec();
        self
    }

    fn loop_fuel(mut self, fuel: u32) -> Self {
        self.options.loop_fuel = Some(fuel);
        self
    }

    fn tile_words(mut self, words: u32) -> Self {
        self.options.tile_words = Some(words);
        self
    }

    fn groups(&self) -> u32 {
        self.grid.iter().product()
    }

    fn kernel(&self) -> Kernel {
        match compile(self.source, &self.options) {
            Ok(compiled) => compiled.kernel,
            Err(obstacles) => panic!("{}: {obstacles}", self.name),
        }
    }
}

/// The WGSL of a kernel of the catalogue.
macro_rules! source {
    ($name:literal) => {
        include_str!(concat!("../../kernels/", $name, "/kernel.wgsl"))
    };
}

fn cases() -> Vec<Case> {
    let words = |count: u32, modulus: u32| -> Vec<u32> {
        (0..count)
            .map(|word| word.wrapping_mul(0x9e37_79b9).rotate_left(7) % modulus)
            .collect()
    };
    // Between -1 and 1.
    let floats = |count: u32| -> Vec<u32> {
        words(count, 1 << 24)
            .into_iter()
            .map(|word| (word as f32 / 8_388_608.0 - 1.0).to_bits())
            .collect()
    };
    let any = |count| words(count, u32::MAX);
    let picture = (1_000u32 * 872).div_ceil(256);
    let bits = |numbers: &[f32]| -> Vec<u32> { numbers.iter().map(|x| x.to_bits()).collect() };
    let mut option = vec![2_010, 64];
    option.extend(bits(&[125.55, 130.0, 0.02, 0.2906]));
    vec![
        Case::new("median5x5", source!("median5x5"), picture)
            .input(any(1_000 * 872))
            .parameters(&[1_000, 872]),
        Case::new("gaussian5x5", source!("gaussian5x5"), picture)
            .input(any(1_000 * 872))
            .parameters(&[1_000, 872]),
        Case::new("prefix_sum", source!("prefix_sum"), 8_192).input(any(8_192 * 256)),
        Case::new("reduction", source!("reduction"), 16)
            .input(any(16 * 256 * 900))
            .parameters(&[900])
            .loop_fuel(200),
        Case::new("sort", source!("sort"), 4_096).input(any(4_096 * 256)),
        Case::new("collatz", source!("collatz"), 2_048).input(words(2_048 * 256, 100_000)),
        Case::new(
            "mandelbrot",
            source!("mandelbrot"),
            (800u32 * 600).div_ceil(256),
        )
        .parameters(&[800, 4_288_675_840, 0, 31_457, 600]),
        Case::new("matmul_int8", source!("matmul_int8"), 512 * 512 / 256)
            .input(any(512 * 128))
            .input(any(512 * 128))
            .parameters(&[512, 128]),
        Case::new("blake3_leaves", source!("blake3_leaves"), 128).input(any(128 * 32 * 256)),
        Case::new("sha256", source!("sha256"), 256)
            .input(any(256 * 64 * 256))
            .parameters(&[256 * 64 * 1_024])
            .tile_words(512),
        Case::new("smith_waterman", source!("smith_waterman"), 64)
            .input(words(64 * 256 * 16 + 64, 4))
            .input(words(32, 4)),
        Case {
            grid: [32, 32, 1],
            ..Case::new("matmul_f32", source!("matmul_f32"), 0)
        }
        .input(floats(512 * 512))
        .input(floats(512 * 512))
        .parameters(&[512, 512, 512])
        .loop_fuel(16_000),
        Case::new("convolution", source!("convolution"), picture)
            .input(any(1_000 * 872))
            .input(floats(81))
            .parameters(&[1_000, 872, 9])
            .loop_fuel(6_500),
        Case::new("nbody", source!("nbody"), 8)
            .input(floats(2_048 * 8))
            .parameters(&[&[2_048][..], &bits(&[0.25, 0.25])].concat())
            .tile_words(2_048)
            .loop_fuel(300_000),
        Case::new("heat", source!("heat"), 4_096)
            .input(floats(1_024 * 1_024))
            .parameters(&[&[1_024, 1_024][..], &bits(&[0.2])].concat()),
        Case::new("option_price", source!("option_price"), 32)
            .parameters(&option)
            .tile_words(512)
            .loop_fuel(340_000),
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
    groups: [u32; 3],
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
            size: u64::from(case.groups()) * u64::from(case.kernel().tile_words) * 4,
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
        groups: [u32; 3],
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
            .then(|| self.buffer(&case.parameters, wgpu::BufferUsages::UNIFORM));
        let mut buffers: Vec<_> = inputs.iter().collect();
        buffers.extend(&parameters);
        buffers.push(&output);
        let buffers: Vec<_> = (0..).zip(buffers).collect();
        let output = output.clone();
        self.ready(&module, &buffers, output, case.grid, false)
    }

    /// As the worker does.
    #[allow(unsafe_code)]
    fn generated(&self, case: &Case) -> Ready {
        let shader =
            generate(&case.kernel(), &Limits::DEFAULT).expect("a compiled kernel is valid");
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
            grid: case.grid,
            first: 0,
            input_words: &lengths,
            parameters: &case.parameters,
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
        self.ready(&module, &buffers, kept, [case.groups(), 1, 1], true)
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
            let [x, y, z] = ready.groups;
            pass.dispatch_workgroups(x, y, z);
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

/// The milliseconds that the virtual machine takes for the whole job on one core, from a part of its tiles that
/// takes long enough, whose words the device's must be.
fn machine(case: &Case, contents: &[u8]) -> f64 {
    let kernel = case.kernel();
    let mut machine = Machine::new(&kernel, &Limits::DEFAULT).expect("a compiled kernel is valid");
    let inputs: Vec<&[u32]> = case.inputs.iter().map(Vec::as_slice).collect();
    let mut tile = vec![0; kernel.tile_words as usize];
    let start = Instant::now();
    let mut done = 0;
    for group in 0..case.groups() {
        let invocation = Invocation {
            grid: case.grid,
            group,
            parameters: &case.parameters,
        };
        machine
            .run(&invocation, &mut SliceInputs(&inputs), &mut tile)
            .expect("the inputs are there");
        let first = group as usize * tile.len() * 4;
        let words = contents[first..].as_chunks().0;
        let same = tile
            .iter()
            .zip(words)
            .all(|(own, other)| own.to_le_bytes() == *other);
        assert!(same, "{}: tile {group} is not the machine's", case.name);
        done += 1;
        if start.elapsed() >= MACHINE_TIME {
            break;
        }
    }
    start.elapsed().as_secs_f64() * 1_000.0 * f64::from(case.groups()) / f64::from(done)
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
    println!("| kernel | author, ms | generated, ms | quotient | machine, ms | its speed | hash |");
    println!("| --- | --: | --: | --: | --: | --: | --- |");
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
        let contents = gpu.contents(&generated);
        // Without floats the author's code is as exact.
        assert!(
            case.kernel().has_floats() || gpu.contents(&author) == contents,
            "{}: both compute the same",
            case.name
        );
        let (author, generated) = (median(times.0), median(times.1));
        let machine = machine(&case, &contents);
        println!(
            "| {} | {author:.2} | {generated:.2} | {:.2} | {machine:.1} | {:.2} | {} |",
            case.name,
            generated / author,
            generated / machine,
            &blake3::hash(&contents).to_hex()[..12],
        );
    }
}
