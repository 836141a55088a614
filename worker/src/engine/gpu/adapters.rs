// SPDX-License-Identifier: Apache-2.0
//! The adapters there are.

use crate::engine::EngineError;
use futures::executor::block_on;

/// An adapter, as people know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// Its name.
    pub name: String,
    /// Its driver and the driver's version.
    pub driver: String,
    /// The interface that it is used through.
    pub backend: String,
    /// Whether it is a processor that acts as a GPU.
    pub software: bool,
}

impl Adapter {
    fn describe(adapter: &wgpu::Adapter) -> Self {
        let info = adapter.get_info();
        Self {
            name: info.name,
            driver: format!("{} {}", info.driver, info.driver_info)
                .trim()
                .to_string(),
            backend: info.backend.to_string(),
            software: info.device_type == wgpu::DeviceType::Cpu,
        }
    }
}

/// The adapters that can compute, the best first.
pub fn adapters() -> Vec<Adapter> {
    usable().iter().map(Adapter::describe).collect()
}

/// The first adapter whose name or driver contains `wanted`, in any case of letters.
pub(super) fn choose(wanted: Option<&str>) -> Result<(wgpu::Adapter, Adapter), EngineError> {
    let adapters: Vec<_> = usable()
        .into_iter()
        .map(|adapter| {
            let description = Adapter::describe(&adapter);
            (adapter, description)
        })
        .collect();
    let part = wanted.unwrap_or_default().to_lowercase();
    let found = adapters
        .iter()
        .map(|(_, description)| description.name.clone())
        .collect();
    adapters
        .into_iter()
        .find(|(_, Adapter { name, driver, .. })| {
            name.to_lowercase().contains(&part) || driver.to_lowercase().contains(&part)
        })
        .ok_or(EngineError::NoAdapter {
            wanted: wanted.map(Into::into),
            found,
        })
}

fn usable() -> Vec<wgpu::Adapter> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let mut adapters = block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
    adapters.retain(|adapter| {
        adapter
            .get_downlevel_capabilities()
            .flags
            .contains(wgpu::DownlevelFlags::COMPUTE_SHADERS)
    });
    adapters.sort_by_key(|adapter| match adapter.get_info().device_type {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    });
    adapters
}
