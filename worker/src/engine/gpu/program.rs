// SPDX-License-Identifier: Apache-2.0
//! A kernel, compiled for a device.

use super::device::Device;
use crate::engine::EngineError;
use assay_kernel::{
    Kernel,
    generator::{
        BATCH_BINDING, ENTRY_POINT, FIRST_INPUT_BINDING, OUTPUT_BINDING, Shader, generate,
    },
    validate::Limits,
};

/// A kernel, ready to dispatch.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) shader: Shader,
    pub(super) pipeline: wgpu::ComputePipeline,
    pub(super) bindings: wgpu::BindGroupLayout,
    /// The bytes of a tile.
    pub(super) tile_bytes: u64,
    /// The most fuel that a tile can burn.
    pub(super) tile_fuel: u64,
}

impl Program {
    /// Translates and compiles a kernel.
    pub(super) fn new(device: &Device, kernel: &Kernel) -> Result<Self, EngineError> {
        let report = assay_kernel::validate::validate(kernel, &Limits::DEFAULT)?;
        let shader = generate(kernel, &Limits::DEFAULT)?;
        let inputs = shader.inputs();
        // One of the storage buffers is the output.
        let limit = device
            .limits
            .max_storage_buffers_per_shader_stage
            .saturating_sub(1);
        if inputs > limit {
            return Err(EngineError::TooManyInputs { inputs, limit });
        }
        let bindings = bindings(device, inputs);
        let layout = device
            .handle
            .create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: None,
                bind_group_layouts: &[Some(&bindings)],
                immediate_size: 0,
            });
        let module = trusted_module(device, &shader);
        let pipeline = device
            .handle
            .create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: None,
                layout: Some(&layout),
                module: &module,
                entry_point: Some(ENTRY_POINT),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                cache: None,
            });
        device.check()?;
        Ok(Self {
            shader,
            pipeline,
            bindings,
            tile_bytes: u64::from(kernel.tile_words).saturating_mul(4),
            tile_fuel: report.tile_fuel,
        })
    }
}

fn bindings(device: &Device, inputs: u32) -> wgpu::BindGroupLayout {
    let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer {
            ty,
            has_dynamic_offset: false,
            min_binding_size: None,
        },
        count: None,
    };
    let storage = |read_only| wgpu::BufferBindingType::Storage { read_only };
    let mut entries = vec![
        entry(BATCH_BINDING, wgpu::BufferBindingType::Uniform),
        entry(OUTPUT_BINDING, storage(false)),
    ];
    entries.extend(
        (0..inputs).map(|input| entry(FIRST_INPUT_BINDING.saturating_add(input), storage(true))),
    );
    device
        .handle
        .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: None,
            entries: &entries,
        })
}

/// Compiles generated text without the compiler's own checks, which would be made twice.
#[allow(unsafe_code)]
fn trusted_module(device: &Device, shader: &Shader) -> wgpu::ShaderModule {
    let descriptor = wgpu::ShaderModuleDescriptor {
        label: None,
        source: wgpu::ShaderSource::Wgsl(shader.source().into()),
    };
    // SAFETY: the text comes from the generator, which bounds every address (inputs by the zero word that
    // `batches` puts after them, the output by the tile, whose place in the buffer is a multiple of the
    // workgroup's number), makes every divisor safe, and writes no loop that does not count its turns or
    // pay for them. It has no ray query, task or mesh shader.
    unsafe {
        device
            .handle
            .create_shader_module_trusted(descriptor, wgpu::ShaderRuntimeChecks::unchecked())
    }
}
